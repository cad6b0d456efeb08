# An environment with every protection that can be switched on.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "us_east_1"
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment       = "prod"
  read_token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

  # Any file stands in for a zip.
  packages = {
    event-collector = { path = "./lambda.tf", digest = "1111111111111111111111111111111111111111111111111111111111111111" }
    realtime-api    = { path = "./lambda.tf", digest = "2222222222222222222222222222222222222222222222222222222222222222" }
    stats-api       = { path = "./lambda.tf", digest = "3333333333333333333333333333333333333333333333333333333333333333" }
    aggregator      = { path = "./lambda.tf", digest = "4444444444444444444444444444444444444444444444444444444444444444" }
  }
}

run "everything_that_protects_is_on" {
  command = plan

  variables {
    protected            = true
    customer_managed_key = true
    waf                  = true
    detailed_monitoring  = true
    access_log_bucket    = "shop-access-logs"
    blocked_countries    = ["KP"]
    alarm_email          = "ops@shop.example"
    allowed_origins      = ["https://shop.example"]
    requests_per_minute  = 60000
    charges_alarm_usd    = 50
  }

  # The key.

  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation && aws_kms_key.this[0].deletion_window_in_days == 30 && aws_kms_alias.this[0].name == "alias/liveinsight-prod"
    error_message = "The key is not renewed, can be lost within days, or has another name."
  }

  assert {
    condition     = alltrue([for table in values(local.tables) : one(table.server_side_encryption).kms_key_arn == local.key_arn])
    error_message = "A table is not encrypted with the environment's key."
  }

  assert {
    condition     = aws_cloudwatch_log_group.api_access.kms_key_id == local.key_arn && aws_cloudwatch_log_group.api_execution.kms_key_id == local.key_arn
    error_message = "A log of the API is not encrypted with the environment's key."
  }

  assert {
    condition = alltrue([
      for encryption in aws_s3_bucket_server_side_encryption_configuration.this :
      one(one(encryption.rule).apply_server_side_encryption_by_default).kms_master_key_id == local.key_arn
    ])
    error_message = "A bucket is not encrypted with the environment's key."
  }

  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == local.key_arn && aws_sqs_queue.aggregator_failures[0].kms_master_key_id == local.key_arn
    error_message = "Alarms or failures are not encrypted with the environment's key."
  }

  assert {
    condition = [for statement in jsondecode(aws_kms_key_policy.this[0].policy).Statement : [statement.Sid, statement.Principal, statement.Action, try(statement.Condition, {})]] == [
      ["AccountDecidesByItsPolicies", { AWS = "arn:aws:iam::123456789012:root" }, "kms:*", {}],
      [
        "LogGroups", { Service = "logs.ap-northeast-2.amazonaws.com" },
        ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = [for group in local.encrypted_log_groups : "arn:aws:logs:ap-northeast-2:123456789012:log-group:${group}"] } },
      ],
      [
        "DashboardThroughCloudFront", { Service = "cloudfront.amazonaws.com" }, "kms:Decrypt",
        { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.dashboard.arn } },
      ],
      [
        "AlarmsToTheTopic", { Service = "cloudwatch.amazonaws.com" }, ["kms:Decrypt", "kms:GenerateDataKey*"],
        {
          StringEquals = { "aws:SourceAccount" = "123456789012" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:liveinsight-*" }
        },
      ],
    ]
    error_message = "The key lets in somebody else, or not whom it must."
  }

  assert {
    condition     = toset(local.encrypted_log_groups) == toset(concat(output.log_groups, [aws_cloudwatch_log_group.api_execution.name]))
    error_message = "CloudWatch Logs may not use the key for a group that is encrypted with it."
  }

  assert {
    condition = jsonencode({ for function, permissions in local.key_permissions : function => { for one in permissions : one.via[0] => one.actions } }) == jsonencode({
      aggregator = {
        "dynamodb.ap-northeast-2.amazonaws.com" = [
          "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
        ]
        "sqs.ap-northeast-2.amazonaws.com" = ["kms:Decrypt", "kms:GenerateDataKey"]
      }
      event-collector = {
        "dynamodb.ap-northeast-2.amazonaws.com" = [
          "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
        ]
      }
      realtime-api = { "dynamodb.ap-northeast-2.amazonaws.com" = ["kms:Decrypt", "kms:DescribeKey"] }
      stats-api    = { "dynamodb.ap-northeast-2.amazonaws.com" = ["kms:Decrypt", "kms:DescribeKey"] }
    })
    error_message = "A function may use the key for something else, or not for what it must."
  }

  assert {
    condition     = alltrue([for permission in flatten(values(local.key_permissions)) : one(permission.resources) == local.key_arn])
    error_message = "A function may use another key."
  }

  assert {
    condition     = alltrue([for lifecycle in aws_s3_bucket_lifecycle_configuration.this : one(one(lifecycle.rule).noncurrent_version_expiration).noncurrent_days == 365])
    error_message = "Old versions of objects are gone within a year."
  }

  # The tables, and who hears of alarms.

  assert {
    condition     = alltrue([for table in values(local.tables) : table.deletion_protection_enabled && table.point_in_time_recovery[0].enabled])
    error_message = "A table of a protected environment can be lost."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.charges[0].threshold == 50 && aws_cloudwatch_metric_alarm.charges[0].dimensions == tomap({ Currency = "USD" }) &&
      aws_sns_topic_subscription.charges_email[0].endpoint == "ops@shop.example"
    )
    error_message = "The charges of the account have no alarm, or it tells nobody."
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "ops@shop.example"
    error_message = "Nobody gets the alarms."
  }

  assert {
    condition     = local.function_environment.ALLOWED_ORIGINS == "https://shop.example,https://d123.cloudfront.net"
    error_message = "The dashboard is not among the allowed origins."
  }

  # Throttles.

  assert {
    condition     = abs(sum([for path, setting in aws_api_gateway_method_settings.this : one(setting.settings).throttling_rate_limit * (path == "*/*" ? 3 : 1)]) - 1000) < 0.01
    error_message = "The throttles of all methods do not add up to 60000 requests a minute."
  }

  # Firewall, traces, blocked countries, access logs.

  assert {
    condition     = aws_wafv2_web_acl_association.api[0].resource_arn == aws_api_gateway_stage.this.arn && aws_wafv2_web_acl_association.api[0].web_acl_arn == module.api_firewall[0].arn
    error_message = "Nothing stands before the API."
  }

  assert {
    condition     = aws_cloudfront_distribution.dashboard.web_acl_id == module.dashboard_firewall[0].arn
    error_message = "Nothing stands before the dashboard."
  }

  assert {
    condition     = local.firewall_requests == 1000 && local.firewall_window_seconds == 60
    error_message = "The firewall's limit is not 1000 requests in 60 seconds."
  }

  assert {
    condition = (
      aws_api_gateway_gateway_response.this["WAF_FILTERED"].status_code == "403" &&
      aws_api_gateway_gateway_response.this["WAF_FILTERED"].response_parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
    )
    error_message = "What the firewall blocks could not be read by a browser."
  }

  assert {
    condition     = aws_api_gateway_stage.this.xray_tracing_enabled && alltrue([for setting in aws_api_gateway_method_settings.this : one(setting.settings).metrics_enabled])
    error_message = "Detailed monitoring is not on everywhere."
  }

  assert {
    condition     = local.trace_permissions == [{ actions = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources = ["*"] }]
    error_message = "Functions that trace may not send their traces."
  }

  assert {
    condition = (
      one(one(aws_cloudfront_distribution.dashboard.restrictions).geo_restriction).restriction_type == "blacklist" &&
      one(one(aws_cloudfront_distribution.dashboard.restrictions).geo_restriction).locations == toset(["KP"])
    )
    error_message = "A blocked country is not blocked."
  }

  assert {
    condition     = alltrue([for logging in aws_s3_bucket_logging.this : logging.target_bucket == "shop-access-logs"]) && length(aws_s3_bucket_logging.this) == 2
    error_message = "A bucket's access log goes nowhere."
  }
}

run "the_firewall_of_cloudfront" {
  command = plan

  module {
    source = "./modules/firewall"
  }

  variables {
    name           = "liveinsight-dashboard-prod"
    description    = "Before the dashboard."
    scope          = "CLOUDFRONT"
    requests       = 1000
    window_seconds = 60
  }

  assert {
    condition     = aws_wafv2_web_acl.this.scope == "CLOUDFRONT" && length(aws_wafv2_web_acl.this.default_action[0].allow) == 1
    error_message = "The firewall is not CloudFront's, or refuses what no rule names."
  }

  assert {
    condition = { for rule in aws_wafv2_web_acl.this.rule : rule.name => one(concat(
      [for statement in rule.statement[0].managed_rule_group_statement : statement.name],
      [for statement in rule.statement[0].rate_based_statement : "${statement.limit} in ${statement.evaluation_window_sec} s by ${statement.aggregate_key_type}"],
      )) } == {
      requests-of-one-address = "1000 in 60 s by IP"
      known-bad-inputs        = "AWSManagedRulesKnownBadInputsRuleSet"
      anonymous-addresses     = "AWSManagedRulesAnonymousIpList"
    }
    error_message = "A rule is missing, or has another limit."
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.this.rule : rule.name => length(rule.override_action[0].none) if length(rule.override_action) > 0 } == { known-bad-inputs = 1, anonymous-addresses = 0 }
    error_message = "Bad inputs are only counted, or visitors behind a VPN are refused."
  }

  assert {
    condition = {
      for header in one([for rule in aws_wafv2_web_acl.this.rule : rule if rule.name == "requests-of-one-address"]).action[0].block[0].custom_response[0].response_header : header.name => header.value
    } == { Access-Control-Allow-Origin = "*", Access-Control-Expose-Headers = "Retry-After", Cache-Control = "no-store", Retry-After = "60" }
    error_message = "A sender who is refused cannot read for how long."
  }

  assert {
    condition     = jsondecode(one(aws_wafv2_web_acl.this.custom_response_body).content).error.code == "throttled" && one([for rule in aws_wafv2_web_acl.this.rule : rule if rule.name == "requests-of-one-address"]).action[0].block[0].custom_response[0].response_code == 429
    error_message = "A sender who is refused gets something else than the API's own 429."
  }

  assert {
    condition     = !anytrue(concat([for rule in aws_wafv2_web_acl.this.rule : rule.visibility_config[0].sampled_requests_enabled], [aws_wafv2_web_acl.this.visibility_config[0].sampled_requests_enabled]))
    error_message = "Samples would show addresses."
  }
}

run "the_firewall_of_an_api_that_visitors_reach_by_cloudfront" {
  command = plan

  module {
    source = "./modules/firewall"
  }

  variables {
    name                 = "liveinsight-api-prod"
    description          = "Before the API."
    scope                = "REGIONAL"
    requests             = 1000
    window_seconds       = 60
    is_behind_cloudfront = true
  }

  assert {
    condition = one(flatten([for rule in aws_wafv2_web_acl.this.rule : [
      for statement in rule.statement[0].rate_based_statement : "${statement.aggregate_key_type} ${statement.forwarded_ip_config[0].header_name} ${statement.forwarded_ip_config[0].fallback_behavior}"
    ]])) == "FORWARDED_IP X-Forwarded-For NO_MATCH"
    error_message = "All visitors of an edge would be limited together."
  }
}
