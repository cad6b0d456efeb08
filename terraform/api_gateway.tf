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

  # What every path answers without waking a function: the browser's preflight, and a 405 to all
  # other methods, which API Gateway does not know by itself (it would say 403).
  mock_answers = {
    for answer in flatten([for function, route in local.routes : [
      {
        function = function
        path     = route.path
        method   = "OPTIONS"
        status   = 204
        body     = ""
        headers = {
          Access-Control-Allow-Origin  = "*"
          Access-Control-Allow-Headers = "Authorization, Content-Type"
          Access-Control-Allow-Methods = "OPTIONS, ${route.method}"
          Access-Control-Max-Age       = "7200"
        }
      },
      {
        function = function
        path     = route.path
        method   = "ANY"
        status   = 405
        body     = jsonencode({ error = { code = "method_not_allowed", message = "This path does not answer that method: see the Allow header." } })
        headers  = merge(local.cors_headers, { Allow = "OPTIONS, ${route.method}" })
      },
    ]]) : "${answer.path}/${answer.method}" => answer
  }

  # A mock answers only media types that it has a template for; another one is a 415.
  mock_media_types = ["application/json", "application/x-www-form-urlencoded", "text/plain"]

  # A path that does not exist is "missing authentication token" to API Gateway, or, when the
  # request carries a bearer token, an "invalid signature": no method here is signed.
  gateway_responses = {
    BAD_REQUEST_BODY             = { status = 400, code = "invalid_body", message = "The body must be an event or an object with events." }
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
    WAF_FILTERED                 = { status = 403, code = "blocked", message = "The firewall refused the request." }
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

  # Not a name of our choosing: API Gateway writes to this group and no other.
  api_execution_log = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${local.stage_name}"
}

resource "aws_api_gateway_rest_api" "this" {
  name        = local.names.rest_api
  description = "Takes events and answers reads."

  # Edge-optimised: requests come in by way of CloudFront, which adds CloudFront-Viewer-Country, the only
  # thing that says where a visitor is. A regional API has no such header and believes a caller's own.
  endpoint_configuration {
    types = ["EDGE"]
  }

  lifecycle {
    create_before_destroy = true
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

  request_validator_id = aws_api_gateway_request_validator.this.id
  request_models       = each.value.method == "POST" ? { "application/json" = aws_api_gateway_model.object.name } : {}
}

# A body that calls itself JSON and is no object is refused before it wakes a function; the answer is
# the function's own (gateway response BAD_REQUEST_BODY). Everything else is the functions' to check:
# a model knows nothing of text/plain, which is what beacons send.
resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "everything"
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_model" "object" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = "Object"
  description  = "Any JSON object."
  content_type = "application/json"
  schema       = jsonencode({ "$schema" = "http://json-schema.org/draft-04/schema#", type = "object" })
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

# Preflights and wrong methods.

resource "aws_api_gateway_method" "mock" {
  for_each = local.mock_answers

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.route[each.value.function].id
  http_method          = each.value.method
  authorization        = "NONE"
  request_validator_id = aws_api_gateway_request_validator.this.id
  request_models       = {}
}

resource "aws_api_gateway_integration" "mock" {
  for_each = local.mock_answers

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.route[each.value.function].id
  http_method          = aws_api_gateway_method.mock[each.key].http_method
  type                 = "MOCK"
  passthrough_behavior = "WHEN_NO_TEMPLATES"
  request_templates    = { for media_type in local.mock_media_types : media_type => jsonencode({ statusCode = each.value.status }) }
}

resource "aws_api_gateway_method_response" "mock" {
  for_each = local.mock_answers

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.route[each.value.function].id
  http_method         = aws_api_gateway_method.mock[each.key].http_method
  status_code         = tostring(each.value.status)
  response_parameters = { for header in keys(each.value.headers) : "method.response.header.${header}" => false }
}

resource "aws_api_gateway_integration_response" "mock" {
  for_each = local.mock_answers

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.route[each.value.function].id
  http_method         = aws_api_gateway_method.mock[each.key].http_method
  status_code         = aws_api_gateway_method_response.mock[each.key].status_code
  response_parameters = { for header, value in each.value.headers : "method.response.header.${header}" => "'${value}'" }
  response_templates  = each.value.body == "" ? {} : { "application/json" = each.value.body }

  depends_on = [aws_api_gateway_integration.mock]
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

# What a deployment is a copy of: every argument that is set above, and none that the provider fills
# in. Nothing counts the same as empty, because the provider makes one of the other on its first
# reading, and each difference would be a new deployment.
locals {
  api_configuration = {
    resources = [
      for one in concat([aws_api_gateway_resource.api], values(aws_api_gateway_resource.route)) :
      [one.id, one.parent_id, one.path_part]
    ]
    validators = [
      for one in [aws_api_gateway_request_validator.this] :
      [one.name, one.validate_request_body, one.validate_request_parameters]
    ]
    models = [
      for one in [aws_api_gateway_model.object] :
      [one.name, one.description, one.content_type, one.schema]
    ]
    methods = [
      for one in concat(values(aws_api_gateway_method.function), values(aws_api_gateway_method.mock)) :
      [one.resource_id, one.http_method, one.authorization, one.request_validator_id, merge(one.request_models, {})]
    ]
    function_integrations = [
      for one in values(aws_api_gateway_integration.function) :
      [one.resource_id, one.http_method, one.type, one.integration_http_method, one.uri, one.timeout_milliseconds]
    ]
    mock_integrations = [
      for one in values(aws_api_gateway_integration.mock) :
      [one.resource_id, one.http_method, one.type, one.passthrough_behavior, merge(one.request_templates, {})]
    ]
    method_responses = [
      for one in values(aws_api_gateway_method_response.mock) :
      [one.resource_id, one.http_method, one.status_code, merge(one.response_parameters, {})]
    ]
    integration_responses = [
      for one in values(aws_api_gateway_integration_response.mock) :
      [one.resource_id, one.http_method, one.status_code, merge(one.response_parameters, {}), merge(one.response_templates, {})]
    ]
    gateway_responses = [
      for one in values(aws_api_gateway_gateway_response.this) :
      [one.response_type, one.status_code == "" ? null : one.status_code, merge(one.response_parameters, {}), merge(one.response_templates, {})]
    ]
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  triggers    = { configuration = sha1(jsonencode(local.api_configuration)) }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = local.stage_name

  xray_tracing_enabled = var.detailed_monitoring

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
    metrics_enabled        = var.detailed_monitoring # charged per method
  }
}

resource "aws_cloudwatch_log_group" "api_access" {
  name              = "/aws/apigateway/${local.names.rest_api}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn
}

# API Gateway would make this group itself, and keep its events for ever.
resource "aws_cloudwatch_log_group" "api_execution" {
  name              = local.api_execution_log
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn
}
