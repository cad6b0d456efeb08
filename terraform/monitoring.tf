# Alarms, who hears of them, and the dashboard in CloudWatch.

locals {
  period_seconds = 300

  # Below this many requests in a period a rate says nothing.
  least_requests = 20

  function_alarms = {
    errors    = { metric = "Errors", threshold = 5, says = "failed with an unhandled error or a timeout" }
    throttles = { metric = "Throttles", threshold = 1, says = "was refused for lack of concurrency" }
  }

  # Function and kind together: one alarm each.
  alarms_of_functions = {
    for pair in setproduct(keys(local.functions), keys(local.function_alarms)) :
    "${pair[0]}-${pair[1]}" => { function = pair[0], alarm = local.function_alarms[pair[1]] }
  }

  table_alarms = {
    read-throttles  = "ReadThrottleEvents"
    write-throttles = "WriteThrottleEvents"
  }

  # A table's own metric leaves its indexes out, so each alarm adds up the table and its index.
  alarms_of_tables = {
    for pair in setproduct(keys(local.tables), keys(local.table_alarms)) :
    "${pair[0]}-${pair[1]}" => {
      table  = pair[0]
      metric = local.table_alarms[pair[1]]
      sources = merge(
        { whole = { TableName = local.names.tables[pair[0]] } },
        { for index in compact([lookup(local.indexes, pair[0], "")]) :
        "part" => { TableName = local.names.tables[pair[0]], GlobalSecondaryIndexName = index } },
      )
    }
  }

  api_alarms = {
    api-4xx-rate = { metric = "4XXError", says = "were refused" }
    api-5xx-rate = { metric = "5XXError", says = "failed" }
  }

  api_dimensions = { ApiName = local.names.rest_api, Stage = local.stage_name }

  # A healthy aggregator is a batching window behind.
  most_iterator_age_ms = 5 * 60 * 1000

  alarms = concat(
    values(aws_cloudwatch_metric_alarm.function),
    values(aws_cloudwatch_metric_alarm.table),
    values(aws_cloudwatch_metric_alarm.api),
    [aws_cloudwatch_metric_alarm.iterator_age],
    aws_cloudwatch_metric_alarm.dead_queue,
  )
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

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.alarms_of_functions

  alarm_name        = "${var.project}-${each.key}-${var.environment}"
  alarm_description = "${local.names.functions[each.value.function]} ${each.value.alarm.says}, ${each.value.alarm.threshold} times or more in 5 minutes."

  namespace   = "AWS/Lambda"
  metric_name = each.value.alarm.metric
  dimensions  = { FunctionName = local.names.functions[each.value.function] }
  statistic   = "Sum"
  period      = local.period_seconds

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.alarm.threshold
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

# DynamoDB reports throttles only while there are some, and an alarm on one of its metrics keeps its
# last state when data is missing, whatever treat_missing_data says: FILL turns silence into zero.
resource "aws_cloudwatch_metric_alarm" "table" {
  for_each = local.alarms_of_tables

  alarm_name        = "${var.project}-${each.key}-${var.environment}"
  alarm_description = "${local.names.tables[each.value.table]} or its index threw back requests for lack of capacity (${each.value.metric}, 1 or more in 5 minutes)."

  metric_query {
    id          = "throttles"
    label       = each.value.metric
    expression  = join(" + ", [for id in keys(each.value.sources) : "FILL(${id}, 0)"])
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.sources

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = each.value.metric
        dimensions  = metric_query.value
        stat        = "Sum"
        period      = local.period_seconds
      }
    }
  }

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "api" {
  for_each = local.api_alarms

  alarm_name        = "${var.project}-${each.key}-${var.environment}"
  alarm_description = "10 % or more of the API's requests ${each.value.says} within 5 minutes, of ${local.least_requests} at least."

  metric_query {
    id          = "rate"
    label       = "${each.value.metric} rate in %"
    expression  = "IF(requests >= ${local.least_requests}, 100 * errors / requests, 0)"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = each.value.metric
      dimensions  = local.api_dimensions
      stat        = "Sum"
      period      = local.period_seconds
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = "Count"
      dimensions  = local.api_dimensions
      stat        = "SampleCount"
      period      = local.period_seconds
    }
  }

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 10
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "iterator_age" {
  alarm_name        = "${var.project}-aggregator-iterator-age-${var.environment}"
  alarm_description = "The aggregator is 5 minutes or more behind the events stream."

  namespace   = "AWS/Lambda"
  metric_name = "IteratorAge"
  dimensions  = { FunctionName = local.names.functions.aggregator }
  statistic   = "Maximum"
  period      = local.period_seconds

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = local.most_iterator_age_ms
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "dead_queue" {
  count = local.has_dead_queue ? 1 : 0

  alarm_name        = "${var.project}-aggregator-failures-${var.environment}"
  alarm_description = "The aggregator set records aside that it could not fold: they are named in ${local.names.dead_queue}."

  namespace   = "AWS/SQS"
  metric_name = "ApproximateNumberOfMessagesVisible"
  dimensions  = { QueueName = local.names.dead_queue }
  statistic   = "Maximum"
  period      = local.period_seconds

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.names.dashboard
  dashboard_body = jsonencode({ widgets = local.widgets })
}

locals {
  # Title of a graph to its metrics; the graphs stand two in a row, in this order.
  graphs = [
    {
      title = "Requests and refusals"
      stat  = "Sum"
      metrics = [
        ["AWS/ApiGateway", "Count", "ApiName", local.names.rest_api, "Stage", local.stage_name],
        ["AWS/ApiGateway", "4XXError", "ApiName", local.names.rest_api, "Stage", local.stage_name],
        ["AWS/ApiGateway", "5XXError", "ApiName", local.names.rest_api, "Stage", local.stage_name],
      ]
    },
    {
      title = "Latency of the API in ms, p50 and p95"
      stat  = "p95"
      metrics = [
        ["AWS/ApiGateway", "Latency", "ApiName", local.names.rest_api, "Stage", local.stage_name, { stat = "p50", label = "p50" }],
        ["AWS/ApiGateway", "Latency", "ApiName", local.names.rest_api, "Stage", local.stage_name, { stat = "p95", label = "p95" }],
      ]
    },
    {
      title   = "Errors of the functions"
      stat    = "Sum"
      metrics = [for name in values(local.names.functions) : ["AWS/Lambda", "Errors", "FunctionName", name]]
    },
    {
      title   = "Duration of the functions in ms, p95"
      stat    = "p95"
      metrics = [for name in values(local.names.functions) : ["AWS/Lambda", "Duration", "FunctionName", name]]
    },
    {
      title   = "Behind the events stream, in ms"
      stat    = "Maximum"
      metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", local.names.functions.aggregator]]
    },
    {
      title = "Units of the tables"
      stat  = "Sum"
      metrics = concat(
        [for name in values(local.names.tables) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", name]],
        [for name in values(local.names.tables) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", name]],
      )
    },
  ]

  graph_width  = 12
  graph_height = 6

  widgets = concat(
    [{
      type       = "alarm"
      x          = 0
      y          = 0
      width      = 2 * local.graph_width
      height     = 3
      properties = { title = "Alarms", alarms = [for alarm in local.alarms : alarm.arn] }
    }],
    [for index, graph in local.graphs : {
      type   = "metric"
      x      = (index % 2) * local.graph_width
      y      = 3 + floor(index / 2) * local.graph_height
      width  = local.graph_width
      height = local.graph_height
      properties = {
        title   = graph.title
        region  = var.region
        view    = "timeSeries"
        stat    = graph.stat
        period  = local.period_seconds
        metrics = graph.metrics
      }
    }],
  )
}
