# Alarms, and who hears of them. What each one means and what to do about it: docs/operations.md.

locals {
  period_seconds = 300

  # The namespace of the metrics that the functions' log lines carry: lambdas/shared/emf.py.
  own_namespace = "LiveInsight"

  function_dimensions = { for function, name in local.names.functions : function => { FunctionName = name } }
  api_dimensions      = { ApiName = local.names.rest_api, Stage = local.stage_name }

  # In a period with fewer requests a percentile, or a share of 10 %, is a matter of one or two of them.
  least_requests = 20

  # What 95 of 100 invocations keep, in ms. The API promises 100, of which API Gateway takes about 20;
  # a month of statistics is more work than that. The aggregator has half of its batching window.
  slow_ms = {
    event-collector = 80
    realtime-api    = 80
    stats-api       = 250
    aggregator      = 2500
  }

  # From so many percent of so many requests on, in so many of the last periods.
  api_rates = {
    api-4xx-rate = { metric = "4XXError", says = "refused", percent = 10, least_requests = local.least_requests, breaching = 2, periods = 3 }
    api-5xx-rate = { metric = "5XXError", says = "failed", percent = 10, least_requests = local.least_requests, breaching = 1, periods = 1 }
    api-5xx-goal = { metric = "5XXError", says = "failed", percent = 1, least_requests = 100, breaching = 3, periods = 5 }
  }

  # Alarm to its definition. `metrics` are the series by their ids; the alarm watches `expression`, or
  # the only series when that is null, and goes off when `breaching` of the last `periods` periods reach
  # the threshold. Every expression has a value while there is traffic, and a missing one is healthy.
  alarms = merge(
    # Lambda counts what was raised or timed out; a failure that was answered is told by the function.
    {
      for function, dimensions in local.function_dimensions : "${function}-errors" => {
        says       = "${local.names.functions[function]} failed 5 times or more in 5 minutes, by an error, a timeout or an answer of 500 or more."
        expression = "FILL(unhandled, 0) + FILL(handled, 0)"
        label      = "Failures"
        threshold  = 5
        breaching  = 1
        periods    = 1
        metrics = {
          unhandled = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = dimensions }
          handled   = { namespace = local.own_namespace, name = "HandledFailures", stat = "Sum", dimensions = dimensions }
        }
      }
    },
    {
      for function, dimensions in local.function_dimensions : "${function}-throttles" => {
        says       = "${local.names.functions[function]} was refused for lack of concurrency."
        expression = null
        label      = null
        threshold  = 1
        breaching  = 1
        periods    = 1
        metrics = {
          throttles = { namespace = "AWS/Lambda", name = "Throttles", stat = "Sum", dimensions = dimensions }
        }
      }
    },
    {
      for function, dimensions in local.function_dimensions : "${function}-slow" => {
        says       = "5 of 100 invocations of ${local.names.functions[function]} took ${local.slow_ms[function]} ms or more, in 3 of 5 periods of 5 minutes."
        expression = "IF(invocations >= ${local.least_requests}, p95, 0)"
        label      = "p95 in ms"
        threshold  = local.slow_ms[function]
        breaching  = 3
        periods    = 5
        metrics = {
          invocations = { namespace = "AWS/Lambda", name = "Invocations", stat = "Sum", dimensions = dimensions }
          p95         = { namespace = "AWS/Lambda", name = "Duration", stat = "p95", dimensions = dimensions }
        }
      }
    },
    {
      for name, rate in local.api_rates : name => {
        says       = "${rate.percent} % or more of the API's requests ${rate.says}, of ${rate.least_requests} at least, in ${rate.breaching} of ${rate.periods} periods of 5 minutes."
        expression = "IF(requests >= ${rate.least_requests}, 100 * answers / requests, 0)"
        label      = "${rate.metric} in %"
        threshold  = rate.percent
        breaching  = rate.breaching
        periods    = rate.periods
        metrics = {
          answers  = { namespace = "AWS/ApiGateway", name = rate.metric, stat = "Sum", dimensions = local.api_dimensions }
          requests = { namespace = "AWS/ApiGateway", name = "Count", stat = "SampleCount", dimensions = local.api_dimensions }
        }
      }
    },
    # A table's own metric leaves its index out. DynamoDB reports throttles only while there are some:
    # FILL turns the silence afterwards into zero, and storage-throttles below does not depend on that.
    {
      for pair in setproduct(keys(local.names.tables), ["read", "write"]) : "${pair[0]}-${pair[1]}-throttles" => {
        says       = "${local.names.tables[pair[0]]} or its index threw back a ${pair[1]} for lack of capacity."
        expression = join(" + ", [for id in keys(local.table_parts[pair[0]]) : "FILL(${id}, 0)"])
        label      = "Throttles"
        threshold  = 1
        breaching  = 1
        periods    = 1
        metrics = {
          for id, dimensions in local.table_parts[pair[0]] :
          id => { namespace = "AWS/DynamoDB", name = "${title(pair[1])}ThrottleEvents", stat = "Sum", dimensions = dimensions }
        }
      }
    },
    {
      storage-throttles = {
        says       = "DynamoDB had no capacity for a call of the functions, which tried again or failed."
        expression = join(" + ", [for function in keys(local.functions) : "FILL(${replace(function, "-", "_")}, 0)"])
        label      = "Throttles"
        threshold  = 1
        breaching  = 1
        periods    = 1
        metrics = {
          for function, dimensions in local.function_dimensions :
          replace(function, "-", "_") => { namespace = local.own_namespace, name = "StorageThrottles", stat = "Sum", dimensions = dimensions }
        }
      }
      # An aggregator that is never called measures nothing: events that were written and not folded in a
      # whole period are as late as the period is long.
      freshness = {
        says       = "Events come into the figures a minute or more after they were written, or not at all, in 2 of 3 periods of 5 minutes."
        expression = "IF(FILL(written, 0) >= ${local.least_requests} AND FILL(batches, 0) < 1, ${1000 * local.period_seconds}, FILL(age, 0))"
        label      = "Delay in ms"
        threshold  = 60 * 1000
        breaching  = 2
        periods    = 3
        metrics = {
          age     = { namespace = local.own_namespace, name = "Freshness", stat = "Maximum", dimensions = local.function_dimensions["aggregator"] }
          batches = { namespace = local.own_namespace, name = "Freshness", stat = "SampleCount", dimensions = local.function_dimensions["aggregator"] }
          written = { namespace = "AWS/DynamoDB", name = "ConsumedWriteCapacityUnits", stat = "Sum", dimensions = { TableName = local.names.tables.events } }
        }
      }
      aggregator-iterator-age = {
        says       = "The aggregator is 5 minutes or more behind the events stream; after 6 hours events are given up."
        expression = null
        label      = null
        threshold  = 5 * 60 * 1000
        breaching  = 1
        periods    = 1
        metrics = {
          age = { namespace = "AWS/Lambda", name = "IteratorAge", stat = "Maximum", dimensions = local.function_dimensions["aggregator"] }
        }
      }
    },
    local.has_dead_queue ? {
      aggregator-failures = {
        says       = "The aggregator set records aside that it could not fold: they are named in ${local.names.dead_queue}."
        expression = null
        label      = null
        threshold  = 1
        breaching  = 1
        periods    = 1
        metrics = {
          messages = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", stat = "Maximum", dimensions = { QueueName = local.names.dead_queue } }
        }
      }
    } : {},
  )

  # Table to the parts that are throttled by themselves, each by its dimensions.
  table_parts = {
    for table, name in local.names.tables : table => merge(
      { whole = { TableName = name } },
      { for index in compact([lookup(local.indexes, table, "")]) : "index" => { TableName = name, GlobalSecondaryIndexName = index } },
    )
  }
}

resource "aws_sns_topic" "alarms" {
  name              = local.names.alarms
  kms_master_key_id = local.key_arn # the key that AWS keeps for SNS cannot be used by alarms
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${var.project}-${each.key}-${var.environment}"
  alarm_description = each.value.says

  dynamic "metric_query" {
    for_each = each.value.expression == null ? [] : [each.value.expression]

    content {
      id          = "watched"
      label       = each.value.label
      expression  = metric_query.value
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id          = metric_query.key
      return_data = each.value.expression == null

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.stat
        period      = local.period_seconds
      }
    }
  }

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  datapoints_to_alarm = each.value.breaching
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}
