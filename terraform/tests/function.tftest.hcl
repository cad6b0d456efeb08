# One function by itself: what the stack's map does not say.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:mock" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { version = "7" }
  }
}

variables {
  name               = "liveinsight-stats-api-dev"
  description        = "Answers."
  handler            = "stats_api.handler.handler"
  memory_mb          = 256
  timeout_seconds    = 30
  package            = { bucket = "zips", key = "functions/stats-api/1.zip", sha256 = "qg==" }
  environment        = { EVENTS_TABLE = "events" }
  alias              = "live"
  log_retention_days = 7

  permissions = [
    { actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:ap-northeast-2:123456789012:table/state"] },
    { actions = ["kms:Decrypt"], resources = ["arn:aws:kms:ap-northeast-2:123456789012:key/mock"], via = ["dynamodb.ap-northeast-2.amazonaws.com"] },
  ]
}

run "a_function_is_what_the_contract_says" {
  command = apply

  module {
    source = "./modules/function"
  }

  variables {
    reserved_concurrency = 20
    kms_key_arn          = "arn:aws:kms:ap-northeast-2:123456789012:key/mock"
    has_traces           = true
    dead_letter_arns     = ["arn:aws:sqs:ap-northeast-2:123456789012:failures"]
  }

  assert {
    condition = (
      aws_lambda_function.this.function_name == var.name &&
      aws_lambda_function.this.runtime == "python3.11" &&
      aws_lambda_function.this.architectures == tolist(["arm64"]) &&
      aws_lambda_function.this.memory_size == 256 &&
      aws_lambda_function.this.timeout == 30 &&
      aws_lambda_function.this.publish
    )
    error_message = "Runtime, architecture, memory, timeout or publishing is not what the contract says."
  }

  assert {
    condition     = one(aws_lambda_function.this.environment).variables == tomap({ EVENTS_TABLE = "events" })
    error_message = "The function does not get exactly the variables it was given."
  }

  assert {
    condition = (
      one(aws_lambda_function.this.logging_config).log_format == "JSON" &&
      one(aws_lambda_function.this.logging_config).log_group == "/aws/lambda/liveinsight-stats-api-dev"
    )
    error_message = "The function does not log JSON to its own group."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 7
    error_message = "The log group does not keep its events for 7 days."
  }

  assert {
    condition     = aws_lambda_alias.this.name == "live" && aws_lambda_alias.this.function_version == "7"
    error_message = "The alias does not begin at the version just published."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      { Effect = "Allow", Action = ["dynamodb:Query"], Resource = ["arn:aws:dynamodb:ap-northeast-2:123456789012:table/state"] },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = ["arn:aws:kms:ap-northeast-2:123456789012:key/mock"]
        Condition = { StringEquals = { "kms:ViaService" = ["dynamodb.ap-northeast-2.amazonaws.com"] } }
      },
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["arn:aws:logs:ap-northeast-2:123456789012:log-group:mock:*"] },
    ]
    error_message = "The role may do more, or less, than it was given and than writing its own log."
  }

  assert {
    condition = (
      aws_iam_role_policies_exclusive.this.policy_names == toset(["permissions"]) &&
      length(aws_iam_role_policy_attachments_exclusive.this.policy_arns) == 0
    )
    error_message = "A policy that somebody adds to the role would stay."
  }

  assert {
    condition = (
      aws_lambda_function.this.reserved_concurrent_executions == 20 &&
      aws_lambda_function.this.kms_key_arn == var.kms_key_arn &&
      aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn &&
      one(aws_lambda_function.this.tracing_config).mode == "Active" &&
      one(aws_lambda_function.this.dead_letter_config).target_arn == var.dead_letter_arns[0]
    )
    error_message = "Concurrency, key, traces or dead letters are not what was asked for."
  }
}

run "a_variable_that_lambda_reserves_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    environment = { EVENTS_TABLE = "events", AWS_REGION = "ap-northeast-2" }
  }

  expect_failures = [var.environment]
}

run "a_variable_that_is_not_a_name_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    environment = { "EVENTS-TABLE" = "events" }
  }

  expect_failures = [var.environment]
}
