# One function with what belongs to it alone: log group, role, alias.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "this" {
  name        = var.name
  description = "What the function ${var.name} may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "permissions"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for permission in concat(var.permissions, [{
        # No logs:CreateLogGroup: the group is there first, with its retention.
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
        via       = null
        }]) : merge(
        { Effect = "Allow", Action = permission.actions, Resource = permission.resources },
        permission.via == null ? {} : { Condition = { StringEquals = { "kms:ViaService" = permission.via } } },
      )
    ]
  })
}

# A policy that somebody adds to the role is taken away again; Terraform would else see it and leave it.
resource "aws_iam_role_policies_exclusive" "this" {
  role_name    = aws_iam_role.this.name
  policy_names = [aws_iam_role_policy.this.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "this" {
  role_name   = aws_iam_role.this.name
  policy_arns = []
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  runtime       = "python3.11"
  architectures = ["arm64"]
  handler       = var.handler
  memory_size   = var.memory_mb
  timeout       = var.timeout_seconds

  s3_bucket        = var.package.bucket
  s3_key           = var.package.key
  source_code_hash = var.package.sha256
  publish          = true

  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1) # -1: none set aside
  kms_key_arn                    = var.kms_key_arn

  environment {
    variables = var.environment
  }

  # PassThrough is what Lambda does by itself: trace what its caller traces, if the role lets it.
  tracing_config {
    mode = var.has_traces ? "Active" : "PassThrough"
  }

  # Where calls end that nobody waits for an answer of, after their retries.
  dynamic "dead_letter_config" {
    for_each = var.dead_letter_arns

    content {
      target_arn = dead_letter_config.value
    }
  }

  # At a higher level the runtime drops its own record of an uncaught exception.
  logging_config {
    log_group             = aws_cloudwatch_log_group.this.name
    log_format            = "JSON"
    application_log_level = "INFO"
    system_log_level      = "INFO"
  }

  depends_on = [aws_iam_role_policy.this]
}

# Terraform puts the alias on the first version; from then on a release moves it.
resource "aws_lambda_alias" "this" {
  name             = var.alias
  description      = "The version in service."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}
