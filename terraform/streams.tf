# What sets the aggregator going: the events stream, and two schedules.

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn  = aws_dynamodb_table.events.stream_arn
  function_name     = module.function["aggregator"].alias_arn
  starting_position = "TRIM_HORIZON"

  batch_size                         = 500
  maximum_batching_window_in_seconds = 5
  tumbling_window_in_seconds         = 60 # only then does Lambda name the shard of a batch

  # A record that cannot be folded is cut out by halving the batch, tried again for some minutes
  # and then set aside; without these bounds it would hold up its shard for a day.
  bisect_batch_on_function_error = true
  function_response_types        = ["ReportBatchItemFailures"]
  maximum_retry_attempts         = 20
  maximum_record_age_in_seconds  = 6 * 3600

  # Expired events leave the table as REMOVE records: only new ones count.
  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"] })
    }
  }

  dynamic "destination_config" {
    for_each = aws_sqs_queue.aggregator_failures

    content {
      on_failure {
        destination_arn = destination_config.value.arn
      }
    }
  }
}

resource "aws_sqs_queue" "aggregator_failures" {
  count = local.has_dead_queue ? 1 : 0

  name                      = local.names.dead_queue
  message_retention_seconds = 14 * 24 * 3600

  # Encrypted in any case: with the environment's key, or else with one of SQS's own.
  kms_master_key_id       = local.key_arn
  sqs_managed_sse_enabled = var.customer_managed_key ? null : true
}

locals {
  # Task of the aggregator to how often it runs.
  schedules = {
    sweep     = "rate(5 minutes)"
    fold_days = "rate(1 hour)"
  }
}

resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = local.names.schedules[each.key]
  description         = "Runs the task ${each.key} of ${local.names.functions.aggregator}."
  schedule_expression = each.value
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.schedules

  rule      = aws_cloudwatch_event_rule.schedule[each.key].name
  target_id = "aggregator"
  arn       = module.function["aggregator"].alias_arn
  input     = jsonencode({ task = each.key })
}

resource "aws_lambda_permission" "schedule" {
  for_each = local.schedules

  statement_id  = "schedule-${each.key}"
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  function_name = module.function["aggregator"].function_name
  qualifier     = module.function["aggregator"].alias
  source_arn    = aws_cloudwatch_event_rule.schedule[each.key].arn
}
