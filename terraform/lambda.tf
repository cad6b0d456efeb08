# The four functions: one map, one module.

locals {
  functions = {
    event-collector = {
      description = "POST /api/events: checks events, runs the visitor's session, writes the event log."
    }
    realtime-api = {
      description = "GET /api/realtime: who is on the site now."
    }
    stats-api = {
      description = "GET /api/stats: figures of hours, days and months."
    }
    aggregator = {
      description = "Folds the events stream into rollup blocks and sessions; sweeps and folds on a schedule."
    }
  }

  function_environment = {
    EVENTS_TABLE                = local.names.tables.events
    SESSIONS_TABLE              = local.names.tables.sessions
    STATE_TABLE                 = local.names.tables.state
    ENVIRONMENT                 = var.environment
    ALLOWED_SITES               = join(",", var.allowed_sites)
    ALLOWED_ORIGINS             = join(",", local.allowed_origins)
    PUBLIC_DASHBOARD            = tostring(var.public_dashboard)
    KEPT_PARAMETERS             = join(",", var.kept_parameters)
    VISITOR_REQUESTS_PER_MINUTE = tostring(var.visitor_requests_per_minute)
    READ_TOKEN_SHA256           = var.read_token_sha256
    LOG_LEVEL                   = "INFO"
  }

  # What one function needs and no other.
  own_environment = {
    event-collector = { for digest in compact([var.origin_secret_sha256]) : "ORIGIN_SECRET_SHA256" => digest }
  }

  # The dashboard reads the API from origins of its own, which a list has to name.
  allowed_origins = (
    contains(var.allowed_origins, "*") ? ["*"] :
    distinct(concat(var.allowed_origins, [local.distribution_url, local.cloudfront_url]))
  )
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name        = local.names.functions[each.key]
  description = each.value.description
  handler     = "${replace(each.key, "-", "_")}.handler.handler"

  memory_mb          = var.memory_mb
  timeout_seconds    = var.timeout_seconds
  log_retention_days = var.log_retention_days
  alias              = local.alias_name
  environment        = merge(local.function_environment, lookup(local.own_environment, each.key, {}))
  permissions        = concat(local.permissions[each.key], local.key_permissions[each.key], local.trace_permissions)

  reserved_concurrency = each.key == "event-collector" ? var.reserved_concurrency : null
  kms_key_arn          = local.key_arn
  has_traces           = var.detailed_monitoring
  dead_letter_arns     = each.key == "aggregator" ? aws_sqs_queue.aggregator_failures[*].arn : []

  package = {
    bucket = aws_s3_object.package[each.key].bucket
    key    = aws_s3_object.package[each.key].key
    sha256 = filebase64sha256(var.packages[each.key].path)
  }
}

# Through S3 the four uploads run side by side; given as files, the provider takes them one by one.
resource "aws_s3_object" "package" {
  for_each = var.packages

  bucket      = aws_s3_bucket.artifacts.id
  key         = "functions/${each.key}/${each.value.digest}.zip"
  source      = each.value.path
  source_hash = filebase64sha256(each.value.path)

  # Two digests may be in flight while a function changes over.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
