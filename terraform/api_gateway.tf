# The public API. Functions answer their own method; everything else (preflights, wrong methods,
# unknown paths, throttles, failures) is answered here, with CORS headers and the same error body.

locals {
  # Function to the one method it answers, and that method's share of the request limit.
  routes = {
    event-collector = { path = "events", method = "POST", share = 0.70 }
    realtime-api    = { path = "realtime", method = "GET", share = 0.12 }
    stats-api       = { path = "stats", method = "GET", share = 0.06 }
  }

  # What is left is shared by the preflights and by wrong methods, one of each for every path.
  preflight_share    = 0.03
  wrong_method_share = 0.01

  # Every method's requests a second. API Gateway throttles each method by itself, so these add up
  # to the limit of the whole; the setting for */* is what the three wrong-method answers get each.
  throttles = {
    for path, share in merge(
      { for route in values(local.routes) : "api/${route.path}/${route.method}" => route.share },
      { for route in values(local.routes) : "api/${route.path}/OPTIONS" => local.preflight_share },
      { "*/*" = local.wrong_method_share },
    ) : path => floor(1000 * local.rate * share) / 1000 # the provider keeps six digits of a rate
  }

  rate          = var.requests_per_minute / 60
  burst_seconds = 10 # a burst may take ten seconds' worth at once
  least_burst   = 5

  # What API Gateway says on its own account is the same for everybody and tells nothing, so it is
  # open to every origin. Data is different: the functions name an origin only when it is allowed.
  cors_headers = {
    Access-Control-Allow-Origin   = "*"
    Access-Control-Expose-Headers = "Retry-After"
    Cache-Control                 = "no-store"
  }

  preflight_headers = {
    for function, route in local.routes : function => {
      Access-Control-Allow-Origin  = "*"
      Access-Control-Allow-Headers = "Authorization, Content-Type"
      Access-Control-Allow-Methods = "OPTIONS, ${route.method}"
      Access-Control-Max-Age       = "7200"
    }
  }

  wrong_method_headers = {
    for function, route in local.routes : function => merge(local.cors_headers, { Allow = "OPTIONS, ${route.method}" })
  }

  wrong_method_body = jsonencode({
    error = { code = "method_not_allowed", message = "This path does not answer that method: see the Allow header." }
  })

  # A path that does not exist is "missing authentication token" to API Gateway, or, when the
  # request carries a bearer token, an "invalid signature": no method here is signed.
  gateway_responses = {
    DEFAULT_4XX                  = { code = "bad_request", message = "The request was refused." }
    DEFAULT_5XX                  = { code = "internal", message = "Something went wrong on our side." }
    INTEGRATION_FAILURE          = { status = 503, code = "unavailable", message = "Not available for the moment: try again.", retry_after = 5 }
    INTEGRATION_TIMEOUT          = { status = 504, code = "timeout", message = "The answer took too long: try again.", retry_after = 5 }
    INVALID_SIGNATURE            = { status = 404, code = "not_found", message = "There is nothing at this path." }
    MISSING_AUTHENTICATION_TOKEN = { status = 404, code = "not_found", message = "There is nothing at this path." }
    REQUEST_TOO_LARGE            = { status = 413, code = "body_too_large", message = "The body is too large." }
    RESOURCE_NOT_FOUND           = { status = 404, code = "not_found", message = "There is nothing at this path." }
    THROTTLED                    = { status = 429, code = "throttled", message = "Too many requests: wait and try again.", retry_after = 1 }
    UNSUPPORTED_MEDIA_TYPE       = { status = 415, code = "unsupported_media_type", message = "Send application/json or text/plain." }
  }

  # Where the API is, seen from a browser; known before the stage is, which the dashboard's
  # Content-Security-Policy needs.
  api_origin = (
    var.local_api_url != null ? var.local_api_url :
    "https://${aws_api_gateway_rest_api.this.id}.execute-api.${var.region}.${data.aws_partition.current.dns_suffix}"
  )
  api_gateway_url = (
    var.local_api_url != null ?
    "${var.local_api_url}/${aws_api_gateway_rest_api.this.id}/${local.stage_name}" :
    "${local.api_origin}/${local.stage_name}"
  )
}

resource "aws_api_gateway_rest_api" "this" {
  name        = local.names.rest_api
  description = "Takes events and answers reads."

  # Edge-optimised: requests come in by way of CloudFront, which adds CloudFront-Viewer-Country, the only
  # thing that says where a visitor is. A regional API has no such header and believes a caller's own.
  endpoint_configuration {
    types = ["EDGE"]
  }
}

resource "aws_api_gateway_resource" "api" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "api"
}

resource "aws_api_gateway_resource" "route" {
  for_each = local.routes

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.api.id
  path_part   = each.value.path
}

# The method that a function answers. The function itself checks tokens and origins.

resource "aws_api_gateway_method" "function" {
  for_each = local.routes

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_resource.route[each.key].id
  http_method   = each.value.method
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "function" {
  for_each = local.routes

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.route[each.key].id
  http_method             = aws_api_gateway_method.function[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = module.function[each.key].invoke_arn
  timeout_milliseconds    = 29000
}

resource "aws_lambda_permission" "api_gateway" {
  for_each = local.routes

  statement_id  = "api-gateway"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = module.function[each.key].function_name
  qualifier     = module.function[each.key].alias
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${local.stage_name}/${each.value.method}/api/${each.value.path}"
}

# OPTIONS: the browser's preflight, answered without waking a function.

resource "aws_api_gateway_method" "preflight" {
  for_each = local.routes

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_resource.route[each.key].id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  for_each = local.routes

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.route[each.key].id
  http_method          = aws_api_gateway_method.preflight[each.key].http_method
  type                 = "MOCK"
  passthrough_behavior = "WHEN_NO_TEMPLATES"
  request_templates    = { for media_type in local.mock_media_types : media_type => jsonencode({ statusCode = 204 }) }
}

resource "aws_api_gateway_method_response" "preflight" {
  for_each = local.routes

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.route[each.key].id
  http_method         = aws_api_gateway_method.preflight[each.key].http_method
  status_code         = "204"
  response_parameters = { for header in keys(local.preflight_headers[each.key]) : "method.response.header.${header}" => false }
}

resource "aws_api_gateway_integration_response" "preflight" {
  for_each = local.routes

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.route[each.key].id
  http_method         = aws_api_gateway_method.preflight[each.key].http_method
  status_code         = aws_api_gateway_method_response.preflight[each.key].status_code
  response_parameters = { for header, value in local.preflight_headers[each.key] : "method.response.header.${header}" => "'${value}'" }

  depends_on = [aws_api_gateway_integration.preflight]
}

# ANY: every other method is a 405, which API Gateway does not know by itself (it would say 403).

resource "aws_api_gateway_method" "wrong" {
  for_each = local.routes

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_resource.route[each.key].id
  http_method   = "ANY"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "wrong" {
  for_each = local.routes

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.route[each.key].id
  http_method          = aws_api_gateway_method.wrong[each.key].http_method
  type                 = "MOCK"
  passthrough_behavior = "WHEN_NO_TEMPLATES"
  request_templates    = { for media_type in local.mock_media_types : media_type => jsonencode({ statusCode = 405 }) }
}

resource "aws_api_gateway_method_response" "wrong" {
  for_each = local.routes

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.route[each.key].id
  http_method         = aws_api_gateway_method.wrong[each.key].http_method
  status_code         = "405"
  response_parameters = { for header in keys(local.wrong_method_headers[each.key]) : "method.response.header.${header}" => false }
}

resource "aws_api_gateway_integration_response" "wrong" {
  for_each = local.routes

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.route[each.key].id
  http_method         = aws_api_gateway_method.wrong[each.key].http_method
  status_code         = aws_api_gateway_method_response.wrong[each.key].status_code
  response_parameters = { for header, value in local.wrong_method_headers[each.key] : "method.response.header.${header}" => "'${value}'" }
  response_templates  = { "application/json" = local.wrong_method_body }

  depends_on = [aws_api_gateway_integration.wrong]
}

locals {
  # A mock answers only media types that it has a template for; another one is a 415.
  mock_media_types = ["application/json", "application/x-www-form-urlencoded", "text/plain"]
}

# The answers that API Gateway makes itself.

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.gateway_responses

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = try(tostring(each.value.status), null)

  response_templates = {
    "application/json" = jsonencode({ error = { code = each.value.code, message = each.value.message } })
  }

  response_parameters = {
    for header, value in merge(
      local.cors_headers,
      { for seconds in compact([try(tostring(each.value.retry_after), "")]) : "Retry-After" => seconds },
    ) : "gatewayresponse.header.${header}" => "'${value}'"
  }
}

# The trigger looks at what is configured, never at what the provider reads back: attributes that
# come back different would mean a new deployment on every run.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    configuration = sha1(jsonencode([
      filesha1("${path.module}/api_gateway.tf"),
      [for function in keys(local.routes) : module.function[function].invoke_arn],
      [for resource in aws_api_gateway_resource.route : resource.id],
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_integration.function,
    aws_api_gateway_integration_response.preflight,
    aws_api_gateway_integration_response.wrong,
    aws_api_gateway_gateway_response.this,
  ]
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = local.stage_name

  # No address and no user agent: they are never stored and never logged.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api_access.arn
    format = jsonencode({
      requestId          = "$context.requestId"
      requestTimeEpoch   = "$context.requestTimeEpoch"
      method             = "$context.httpMethod"
      path               = "$context.resourcePath"
      status             = "$context.status"
      responseLatency    = "$context.responseLatency"
      integrationLatency = "$context.integrationLatency"
      integrationStatus  = "$context.integrationStatus"
      functionRequestId  = "$context.integration.requestId"
      responseLength     = "$context.responseLength"
      errorType          = "$context.error.responseType"
    })
  }

  depends_on = [
    aws_cloudwatch_log_group.api_execution,
  ]
}

resource "aws_api_gateway_method_settings" "this" {
  for_each = local.throttles

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = each.key

  settings {
    throttling_rate_limit  = each.value
    throttling_burst_limit = max(local.least_burst, ceil(each.value * local.burst_seconds))
    logging_level          = "ERROR"
    data_trace_enabled     = false
    metrics_enabled        = false # detailed metrics are charged per method
  }
}

resource "aws_cloudwatch_log_group" "api_access" {
  name              = "/aws/apigateway/${local.names.rest_api}"
  retention_in_days = var.log_retention_days
}

# API Gateway would make this group itself, and keep its events for ever.
resource "aws_cloudwatch_log_group" "api_execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${local.stage_name}"
  retention_in_days = var.log_retention_days
}
