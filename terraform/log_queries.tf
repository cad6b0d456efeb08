# Saved queries of CloudWatch Logs Insights. Their fields are those of the functions' lines, of Lambda's
# own records (platform.report) and of the API's access log; no line has a visitor or a session.

locals {
  function_log_groups = [for function in module.function : function.log_group]
  access_log_groups   = [aws_cloudwatch_log_group.api_access.name]

  # What went wrong: a line of ours, the runtime's record of an exception, Lambda's of a timeout or a crash.
  failed = "level = \"ERROR\" or log_level = \"ERROR\" or (type = \"platform.report\" and record.status != \"success\")"

  log_queries = {
    errors = {
      log_groups = local.function_log_groups
      query      = <<-EOT
        filter ${local.failed}
        | fields @timestamp, @log, message, route, status, error_code, operation, errorType, errorMessage, record.status, coalesce(requestId, record.requestId) as request
        | sort @timestamp desc
        | limit 100
      EOT
    }
    top-errors = {
      log_groups = local.function_log_groups
      query      = <<-EOT
        filter ${local.failed}
        | stats count(*) as times, max(@timestamp) as latest by @log, coalesce(errorType, error_code, record.errorType, message, record.status) as error, operation
        | sort times desc
        | limit 50
      EOT
    }
    slowest = {
      log_groups = local.function_log_groups
      query      = <<-EOT
        filter type = "platform.report"
        | fields @timestamp, @log, record.metrics.durationMs as duration_ms, record.metrics.initDurationMs as init_ms, record.metrics.maxMemoryUsedMB as memory_mb, record.requestId as request
        | sort duration_ms desc
        | limit 50
      EOT
    }
    cold-starts = {
      log_groups = local.function_log_groups
      query      = <<-EOT
        filter type = "platform.report"
        | stats count(*) as invocations, count(record.metrics.initDurationMs) as cold_starts, pct(record.metrics.initDurationMs, 50) as init_p50_ms, pct(record.metrics.initDurationMs, 95) as init_p95_ms by @log
      EOT
    }
    one-request = {
      log_groups = concat(local.access_log_groups, local.function_log_groups)
      query      = <<-EOT
        # Put in a request's id, of the access log (functionRequestId) or of a function's line.
        filter functionRequestId = "ID" or requestId = "ID" or record.requestId = "ID"
        | fields @timestamp, @log, coalesce(message, type, method) as what, path, route, status, duration_ms, responseLatency, error_code, errorType, errorMessage
        | sort @timestamp
      EOT
    }
    refused-requests = {
      log_groups = local.access_log_groups
      query      = <<-EOT
        filter status >= 400
        | stats count(*) as requests by status, method, path, errorType
        | sort requests desc
      EOT
    }
    # Those of errorType THROTTLED met the limit of the whole API, the others that of one visitor.
    throttled-requests = {
      log_groups = local.access_log_groups
      query      = <<-EOT
        filter status = 429
        | stats count(*) as requests by bin(5m), path, errorType
        | sort requests desc
      EOT
    }
    taken-events = {
      log_groups = [module.function["event-collector"].log_group]
      query      = <<-EOT
        filter route = "POST /api/events"
        | stats count(*) as requests, sum(accepted) as accepted_events, sum(rejected) as rejected_events, sum(dropped) as events_of_bots by bin(1h), status, error_code
      EOT
    }
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.log_queries

  # The slashes make folders in the console.
  name            = "${var.project}/${var.environment}/${each.key}"
  log_group_names = each.value.log_groups
  query_string    = trimspace(each.value.query)
}
