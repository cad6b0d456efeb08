# The whole stack as a default environment gets it. Everything is planned by a mocked provider: no
# account, no network.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  environment       = "dev"
  read_token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

  # Any file stands in for a zip.
  packages = {
    event-collector = { path = "./lambda.tf", digest = "1111111111111111111111111111111111111111111111111111111111111111" }
    realtime-api    = { path = "./lambda.tf", digest = "2222222222222222222222222222222222222222222222222222222222222222" }
    stats-api       = { path = "./lambda.tf", digest = "3333333333333333333333333333333333333333333333333333333333333333" }
    aggregator      = { path = "./lambda.tf", digest = "4444444444444444444444444444444444444444444444444444444444444444" }
  }
}

run "a_default_environment" {
  command = apply

  # Tables.

  assert {
    condition = output.tables == {
      events   = "liveinsight-events-dev"
      sessions = "liveinsight-sessions-dev"
      state    = "liveinsight-state-dev"
    }
    error_message = "The tables are not named <project>-<table>-<environment>."
  }

  assert {
    condition = { for name, table in local.tables : name => join(" ", compact([table.hash_key, table.range_key])) } == {
      events   = "session_id timestamp"
      sessions = "session_id"
      state    = "pk sk"
    }
    error_message = "A table has other keys than the contract says."
  }

  assert {
    condition = { for name, table in local.tables : name => { for attribute in table.attribute : attribute.name => attribute.type } } == {
      events   = { session_id = "S", timestamp = "N", event_type = "S" }
      sessions = { session_id = "S", is_active = "S", last_activity = "N" }
      state    = { pk = "S", sk = "S" }
    }
    error_message = "Key attributes are S or N, and only key attributes are declared: is_active is a string."
  }

  assert {
    condition = [for index in aws_dynamodb_table.events.global_secondary_index : [index.name, index.hash_key, index.range_key]] == [
      ["EventTypeIndex", "event_type", "timestamp"],
    ]
    error_message = "EventTypeIndex is not event_type by timestamp."
  }

  assert {
    condition = [for index in aws_dynamodb_table.sessions.global_secondary_index : [index.name, index.hash_key, index.range_key]] == [
      ["ActivityIndex", "is_active", "last_activity"],
    ]
    error_message = "ActivityIndex is not is_active by last_activity."
  }

  assert {
    condition     = alltrue([for table in values(local.tables) : table.ttl[0].enabled && table.ttl[0].attribute_name == "ttl"])
    error_message = "A table does not expire its items by the attribute ttl."
  }

  assert {
    condition     = alltrue([for table in values(local.tables) : table.billing_mode == "PAY_PER_REQUEST"])
    error_message = "A table is not on demand."
  }

  assert {
    condition     = aws_dynamodb_table.events.stream_enabled && aws_dynamodb_table.events.stream_view_type == "NEW_IMAGE"
    error_message = "The events table does not stream its new items."
  }

  assert {
    condition     = !anytrue([for table in values(local.tables) : table.deletion_protection_enabled || table.point_in_time_recovery[0].enabled])
    error_message = "An unprotected environment must be easy to destroy."
  }

  # Functions.

  assert {
    condition = { for name, function in output.functions : name => [function.function_name, function.alias, function.log_group] } == {
      event-collector = ["liveinsight-event-collector-dev", "live", "/aws/lambda/liveinsight-event-collector-dev"]
      realtime-api    = ["liveinsight-realtime-api-dev", "live", "/aws/lambda/liveinsight-realtime-api-dev"]
      stats-api       = ["liveinsight-stats-api-dev", "live", "/aws/lambda/liveinsight-stats-api-dev"]
      aggregator      = ["liveinsight-aggregator-dev", "live", "/aws/lambda/liveinsight-aggregator-dev"]
    }
    error_message = "A function, its alias or its log group is not named as the contract says."
  }

  assert {
    condition = local.function_environment == {
      EVENTS_TABLE      = "liveinsight-events-dev"
      SESSIONS_TABLE    = "liveinsight-sessions-dev"
      STATE_TABLE       = "liveinsight-state-dev"
      ENVIRONMENT       = "dev"
      ALLOWED_SITES     = ""
      ALLOWED_ORIGINS   = "*"
      PUBLIC_DASHBOARD  = "false"
      READ_TOKEN_SHA256 = var.read_token_sha256
      LOG_LEVEL         = "INFO"
      KEPT_PARAMETERS   = ""

      VISITOR_REQUESTS_PER_MINUTE = "60"
    }
    error_message = "The functions' environment is not what the contract says."
  }

  assert {
    condition = { for name, object in aws_s3_object.package : name => object.key } == {
      for name, package in var.packages : name => "functions/${name}/${package.digest}.zip"
    }
    error_message = "A zip is not kept under its digest."
  }

  # The stream and the schedules.

  assert {
    condition = (
      aws_lambda_event_source_mapping.events.tumbling_window_in_seconds == 60 &&
      aws_lambda_event_source_mapping.events.maximum_batching_window_in_seconds == 5 &&
      aws_lambda_event_source_mapping.events.bisect_batch_on_function_error &&
      contains(aws_lambda_event_source_mapping.events.function_response_types, "ReportBatchItemFailures") &&
      length(aws_lambda_event_source_mapping.events.destination_config) == 1
    )
    error_message = "The stream mapping lacks its window, its partial answers or its failure queue."
  }

  assert {
    condition     = [for filter in one(aws_lambda_event_source_mapping.events.filter_criteria).filter : jsondecode(filter.pattern)] == [{ eventName = ["INSERT"] }]
    error_message = "The aggregator must see new items only: expiry would look like traffic."
  }

  assert {
    condition = { for task, rule in aws_cloudwatch_event_rule.schedule : task => rule.schedule_expression } == {
      sweep     = "rate(5 minutes)"
      fold_days = "rate(1 hour)"
    }
    error_message = "A task of the aggregator is not scheduled as the contract says."
  }

  assert {
    condition = { for task, target in aws_cloudwatch_event_target.schedule : task => jsondecode(target.input) } == {
      sweep     = { task = "sweep" }
      fold_days = { task = "fold_days" }
    }
    error_message = "A schedule does not name its task."
  }

  # The API.

  assert {
    condition     = output.api_gateway_url == "https://abcdef1234.execute-api.ap-northeast-2.amazonaws.com/v1"
    error_message = "The API's address is wrong."
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.endpoint_configuration[0].types == tolist(["EDGE"])
    error_message = "Only an edge-optimised API tells the visitors' countries."
  }

  assert {
    condition = { for function, route in local.routes : function => "${aws_api_gateway_method.function[function].http_method} /api/${aws_api_gateway_resource.route[function].path_part}" } == {
      event-collector = "POST /api/events"
      realtime-api    = "GET /api/realtime"
      stats-api       = "GET /api/stats"
    }
    error_message = "A route is missing or has another method."
  }

  assert {
    condition     = abs(sum([for path, setting in aws_api_gateway_method_settings.this : one(setting.settings).throttling_rate_limit * (path == "*/*" ? 3 : 1)]) - 1000 / 60) < 0.01
    error_message = "The throttles of all methods do not add up to 1000 requests a minute."
  }

  assert {
    condition     = alltrue([for setting in aws_api_gateway_method_settings.this : one(setting.settings).throttling_burst_limit >= 5])
    error_message = "A burst is so small that single visitors would be refused."
  }

  assert {
    condition     = length(setsubtract(["DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE", "THROTTLED"], keys(aws_api_gateway_gateway_response.this))) == 0
    error_message = "An answer of API Gateway's own is left at its default, without CORS headers."
  }

  assert {
    condition     = alltrue([for response in aws_api_gateway_gateway_response.this : response.response_parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"])
    error_message = "An answer of API Gateway's own could not be read by a browser."
  }

  assert {
    condition     = alltrue([for response in aws_api_gateway_gateway_response.this : keys(jsondecode(response.response_templates["application/json"]).error) == ["code", "message"]])
    error_message = "An answer of API Gateway's own has another shape than the contract's error."
  }

  assert {
    condition     = can(tonumber(trim(aws_api_gateway_gateway_response.this["THROTTLED"].response_parameters["gatewayresponse.header.Retry-After"], "'")))
    error_message = "A throttled caller is not told when to come back."
  }

  assert {
    condition     = aws_api_gateway_gateway_response.this["MISSING_AUTHENTICATION_TOKEN"].status_code == "404"
    error_message = "An unknown path is not a 404."
  }

  assert {
    condition     = alltrue([for path, response in aws_api_gateway_integration_response.mock : response.status_code == "204" && response.response_parameters["method.response.header.Access-Control-Allow-Headers"] == "'Authorization, Content-Type'" if endswith(path, "/OPTIONS")])
    error_message = "A preflight does not allow the headers that the dashboard and the tracker send."
  }

  assert {
    condition     = alltrue([for path, response in aws_api_gateway_integration_response.mock : response.status_code == "405" && can(response.response_parameters["method.response.header.Allow"]) if endswith(path, "/ANY")])
    error_message = "A wrong method is not a 405 that names the right ones."
  }

  assert {
    condition     = length(regexall("(?i)sourceIp|userAgent", aws_api_gateway_stage.this.access_log_settings[0].format)) == 0
    error_message = "The access log holds an address or a user agent."
  }

  assert {
    condition     = sort(keys(aws_api_gateway_integration_response.mock)) == sort([for pair in setproduct(["events", "realtime", "stats"], ["ANY", "OPTIONS"]) : join("/", pair)])
    error_message = "A path lacks its preflight or its answer to wrong methods."
  }

  assert {
    condition     = aws_api_gateway_deployment.this.triggers == tomap({ configuration = sha1(jsonencode(local.api_configuration)) })
    error_message = "A deployment is not made anew when the API's configuration changes."
  }

  assert {
    condition     = aws_api_gateway_method.function["event-collector"].request_models == tomap({ "application/json" = "Object" })
    error_message = "A body that is no JSON object wakes a function."
  }

  assert {
    condition = alltrue([
      for setting in aws_api_gateway_method_settings.this :
      one(setting.settings).logging_level == "ERROR" && !one(setting.settings).data_trace_enabled && !one(setting.settings).metrics_enabled
    ])
    error_message = "Requests are logged with their content, or charged metrics are on unasked."
  }

  # The dashboard.

  assert {
    condition     = output.cloudfront_url == "https://d123.cloudfront.net"
    error_message = "The dashboard's address is wrong."
  }

  assert {
    condition     = strcontains(local.content_security_policy, "connect-src 'self' https://abcdef1234.execute-api.ap-northeast-2.amazonaws.com;")
    error_message = "The dashboard may not talk to the API."
  }

  assert {
    condition     = !strcontains(local.content_security_policy, "unsafe-")
    error_message = "The Content-Security-Policy allows inline code."
  }

  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.this : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "A bucket could be made public."
  }

  assert {
    condition = (
      one(aws_cloudfront_distribution.dashboard.default_cache_behavior).viewer_protocol_policy == "redirect-to-https" &&
      one(one(aws_cloudfront_response_headers_policy.dashboard.security_headers_config).strict_transport_security).access_control_max_age_sec == 31536000
    )
    error_message = "The dashboard can be had without TLS."
  }

  assert {
    condition = alltrue([
      for name, policy in aws_s3_bucket_policy.this :
      jsondecode(policy.policy).Statement[0].Effect == "Deny" &&
      jsondecode(policy.policy).Statement[0].Condition == { Bool = { "aws:SecureTransport" = "false" } } &&
      length(jsondecode(policy.policy).Statement) == (name == "dashboard" ? 2 : 1)
    ])
    error_message = "A bucket can be reached without TLS, or by more than CloudFront."
  }

  # What is only there when asked for.

  assert {
    condition = (
      length(aws_kms_key.this) + length(aws_kms_alias.this) + length(module.api_firewall) + length(module.dashboard_firewall) +
      length(aws_wafv2_web_acl_association.api) + length(aws_s3_bucket_logging.this) == 0
    )
    error_message = "A default environment pays for a key or a firewall."
  }

  assert {
    condition     = alltrue([for table in values(local.tables) : length(table.server_side_encryption) == 0]) && aws_sqs_queue.aggregator_failures[0].sqs_managed_sse_enabled
    error_message = "Without a key of its own an environment relies on those of DynamoDB and SQS."
  }

  assert {
    condition     = length(flatten(concat(values(local.key_permissions), local.trace_permissions))) == 0
    error_message = "A function has rights that it cannot need."
  }

  # Rights.

  assert {
    condition = local.permissions == {
      event-collector = [
        { actions = ["dynamodb:BatchWriteItem"], resources = [aws_dynamodb_table.events.arn] },
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [aws_dynamodb_table.state.arn] },
      ]
      aggregator = [
        { actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], resources = [aws_dynamodb_table.events.stream_arn] },
        { actions = ["dynamodb:ListStreams"], resources = ["*"] },
        { actions = ["dynamodb:UpdateItem"], resources = [aws_dynamodb_table.sessions.arn] },
        { actions = ["dynamodb:Query"], resources = ["${aws_dynamodb_table.events.arn}/index/EventTypeIndex", "${aws_dynamodb_table.sessions.arn}/index/ActivityIndex"] },
        { actions = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], resources = [aws_dynamodb_table.state.arn] },
        { actions = ["sqs:SendMessage"], resources = [aws_sqs_queue.aggregator_failures[0].arn] },
      ]
      realtime-api = [
        {
          actions = ["dynamodb:Query"]
          resources = [
            "${aws_dynamodb_table.events.arn}/index/EventTypeIndex", "${aws_dynamodb_table.sessions.arn}/index/ActivityIndex", aws_dynamodb_table.state.arn,
          ]
        },
      ]
      stats-api = [
        { actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = [aws_dynamodb_table.state.arn] },
        { actions = ["dynamodb:Query"], resources = ["${aws_dynamodb_table.events.arn}/index/EventTypeIndex", aws_dynamodb_table.events.arn] },
      ]
    }
    error_message = "A function may do more, or less, than its code does."
  }

  assert {
    condition = { for function, permission in aws_lambda_permission.api_gateway : function => [permission.principal, permission.qualifier, permission.source_arn] } == {
      event-collector = ["apigateway.amazonaws.com", "live", "${aws_api_gateway_rest_api.this.execution_arn}/v1/POST/api/events"]
      realtime-api    = ["apigateway.amazonaws.com", "live", "${aws_api_gateway_rest_api.this.execution_arn}/v1/GET/api/realtime"]
      stats-api       = ["apigateway.amazonaws.com", "live", "${aws_api_gateway_rest_api.this.execution_arn}/v1/GET/api/stats"]
    }
    error_message = "Something else than its own route may call a function."
  }

  # Logs and alarms.

  assert {
    condition     = aws_cloudwatch_log_group.api_access.retention_in_days == 7 && aws_cloudwatch_log_group.api_execution.retention_in_days == 7
    error_message = "A log group of the API does not keep its events for 7 days."
  }

  assert {
    condition     = length(output.log_groups) == 5
    error_message = "A log group is not told."
  }

  assert {
    condition = output.alarm_names == tolist(sort(concat(
      [for function in keys(local.functions) : "liveinsight-${function}-errors-dev"],
      [for function in keys(local.functions) : "liveinsight-${function}-throttles-dev"],
      [for function in keys(local.functions) : "liveinsight-${function}-slow-dev"],
      [for table in keys(local.tables) : "liveinsight-${table}-read-throttles-dev"],
      [for table in keys(local.tables) : "liveinsight-${table}-write-throttles-dev"],
      ["liveinsight-api-4xx-rate-dev", "liveinsight-api-5xx-rate-dev", "liveinsight-api-5xx-goal-dev"],
      ["liveinsight-storage-throttles-dev", "liveinsight-freshness-dev"],
      ["liveinsight-aggregator-iterator-age-dev", "liveinsight-aggregator-failures-dev"],
    )))
    error_message = "An alarm is missing, or has another name."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == alarm.alarm_actions])
    error_message = "An alarm tells nobody, or not that it is over."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.treat_missing_data == "notBreaching" && alarm.comparison_operator == "GreaterThanOrEqualToThreshold"])
    error_message = "An alarm would go off, or be undecided, while nobody is on the site."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if query.return_data]) == 1])
    error_message = "An alarm watches no series, or more than one."
  }

  assert {
    condition = alltrue([for function in keys(local.functions) : (
      aws_cloudwatch_metric_alarm.this["${function}-errors"].threshold == 5 &&
      toset([for query in aws_cloudwatch_metric_alarm.this["${function}-errors"].metric_query : [query.metric[0].namespace, query.metric[0].metric_name, query.metric[0].stat, tostring(query.metric[0].period), query.metric[0].dimensions["FunctionName"]] if length(query.metric) > 0]) == toset([
        ["AWS/Lambda", "Errors", "Sum", "300", "liveinsight-${function}-dev"],
        ["LiveInsight", "HandledFailures", "Sum", "300", "liveinsight-${function}-dev"],
      ])
    )])
    error_message = "A function's failures, raised or answered, do not alarm at 5 within 5 minutes."
  }

  assert {
    condition = { for function in keys(local.functions) : function => aws_cloudwatch_metric_alarm.this["${function}-slow"].threshold } == {
      event-collector = 80
      realtime-api    = 80
      stats-api       = 250
      aggregator      = 2500
    }
    error_message = "A function's p95 does not alarm at its share of what the API promises."
  }

  assert {
    condition = { for name in ["api-4xx-rate", "api-5xx-rate", "api-5xx-goal"] : name => [aws_cloudwatch_metric_alarm.this[name].threshold, aws_cloudwatch_metric_alarm.this[name].datapoints_to_alarm, aws_cloudwatch_metric_alarm.this[name].evaluation_periods] } == {
      api-4xx-rate = [10, 2, 3]
      api-5xx-rate = [10, 1, 1]
      api-5xx-goal = [1, 3, 5]
    }
    error_message = "A rate of the API has another limit than the contract says."
  }

  assert {
    condition = alltrue([for kind in ["Read", "Write"] : toset([for query in aws_cloudwatch_metric_alarm.this["events-${lower(kind)}-throttles"].metric_query : query.metric[0].dimensions if try(query.metric[0].metric_name == "${kind}ThrottleEvents", false)]) == toset([
      tomap({ TableName = "liveinsight-events-dev" }),
      tomap({ TableName = "liveinsight-events-dev", GlobalSecondaryIndexName = "EventTypeIndex" }),
    ])])
    error_message = "The throttles of an index go unnoticed: the table's own metric leaves it out."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query if length(query.metric) > 0]) <= 10])
    error_message = "CloudWatch refuses an alarm on more than 10 metrics."
  }

  assert {
    condition     = length(flatten([for alarm in aws_cloudwatch_metric_alarm.this : [for query in alarm.metric_query : query if length(query.metric) > 0]])) == 45
    error_message = "The alarms' price has changed: docs/operations.md says how many metrics they watch."
  }

  assert {
    condition = (
      sum([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : length([for metric in try(widget.properties.metrics, []) : metric if can(tostring(metric[0]))])]) <= 50 &&
      length(one([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.alarms if widget.type == "alarm"])) == length(aws_cloudwatch_metric_alarm.this)
    )
    error_message = "The dashboard has more metrics than the free tier's, or leaves an alarm out."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.charges) + length(aws_sns_topic.charges) == 0
    error_message = "An alarm on charges is made without having been asked for."
  }

  assert {
    condition     = max([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.y + widget.height]...) <= 15
    error_message = "The dashboard does not fit on one screen."
  }

  assert {
    condition     = { for key, query in aws_cloudwatch_query_definition.this : key => query.name } == { for key in keys(local.log_queries) : key => "liveinsight/dev/${key}" }
    error_message = "A saved query has no folder of its environment."
  }

  assert {
    condition     = alltrue([for query in aws_cloudwatch_query_definition.this : length(setsubtract(query.log_group_names, output.log_groups)) == 0])
    error_message = "A saved query looks in a log group that is not ours."
  }
}

run "the_embedded_aws_gets_its_own_addresses_and_no_slow_resources" {
  command = plan

  variables {
    environment   = "local"
    embedded      = true
    local_api_url = "http://127.0.0.1:4567"

    # A domain is kept there, and not served.
    domain       = "stats.example.com"
    domain_ready = true
  }

  assert {
    condition = (
      local.is_domain_attached && local.cloudfront_url == "http://d123.cloudfront.net"
      && local.public_api_url == "http://127.0.0.1:4567/abcdef1234/v1"
    )
    error_message = "The embedded AWS serves no other name than its own."
  }

  assert {
    condition = local.api_at_edge == {
      domain_name = "127.0.0.1"
      path        = "/abcdef1234/v1"
      protocol    = "http-only"
      http_port   = 4567
      https_port  = 443
    }
    error_message = "The distribution does not find the embedded API Gateway."
  }

  assert {
    condition     = output.api_gateway_url == "http://127.0.0.1:4567/abcdef1234/v1" && startswith(output.cloudfront_url, "http://")
    error_message = "The addresses are not the embedded AWS's."
  }

  assert {
    condition     = strcontains(local.content_security_policy, "connect-src 'self' http://127.0.0.1:4567;")
    error_message = "The dashboard may not talk to the embedded API."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) + length(aws_sqs_queue.aggregator_failures) + length(aws_lambda_event_source_mapping.events.destination_config) == 0
    error_message = "The embedded AWS is asked for something it cannot hold."
  }
}
