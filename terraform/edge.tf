# /api/* by way of CloudFront: the API on the dashboard's own origin, with the visitor's address kept.

# Only the store: what Terraform writes into it would stand in the state, and this is a secret.
resource "aws_cloudfront_key_value_store" "edge" {
  name    = local.names.edge
  comment = "The secret by which the event collector knows its distribution. The command line writes it."
}

resource "aws_cloudfront_function" "viewer" {
  name                         = local.names.edge
  comment                      = "Sends the visitor's address and country along, with the secret that proves them."
  runtime                      = "cloudfront-js-2.0"
  code                         = file("${path.module}/edge_function.js")
  publish                      = true
  key_value_store_associations = [aws_cloudfront_key_value_store.edge.arn]
}

# Nothing is kept longer than the API says, which is not at all but for reads (below). A policy that could keep nothing may not name
# headers, and Authorization reaches an origin only by a cache policy: hence the one second.
resource "aws_cloudfront_cache_policy" "api" {
  name        = "${local.names.edge}-api"
  comment     = "The API: what an answer depends on."
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 1

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "whitelist"
      headers {
        items = ["Authorization", "CloudFront-Viewer-Country", "Origin"] # the country only reaches the function if it is here
      }
    }

    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

# Reads: many viewers of one page cost the API as much as one. Nothing but what is named here reaches the API, so nothing
# else can change an answer that others are given. A page on the dashboard's own origin sends no Origin.
resource "aws_cloudfront_cache_policy" "reads" {
  name        = "${local.names.edge}-reads"
  comment     = "Figures: kept for as many seconds as their answer says, for each token by itself."
  min_ttl     = 0 # what says no-store is not kept: every error
  default_ttl = 0
  max_ttl     = 10

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "whitelist"
      headers {
        items = ["Authorization", "Origin"]
      }
    }

    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

# The seconds are for CloudFront: a browser keeps no figures.
resource "aws_cloudfront_response_headers_policy" "reads" {
  name    = "${local.names.edge}-reads"
  comment = "Figures are not for a browser to keep."

  security_headers_config {
    content_type_options {
      override = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "Cache-Control"
      value    = "no-store"
      override = true
    }
  }
}

locals {
  # The paths of the functions that answer GET.
  reads = [for route in values(local.routes) : "/api/${route.path}" if route.method == "GET"]

  # The embedded AWS serves API Gateway on a port of its own, without TLS, with the API's id in the path.
  api_host = regex("^(?P<scheme>https?)://(?P<host>[^:/]+)(?::(?P<port>[0-9]+))?$", local.api_origin)

  api_at_edge = {
    domain_name = local.api_host.host
    path        = var.local_api_url == null ? "/${local.stage_name}" : "/${aws_api_gateway_rest_api.this.id}/${local.stage_name}"
    protocol    = "${local.api_host.scheme}-only"
    http_port   = local.api_host.scheme == "http" ? tonumber(coalesce(local.api_host.port, "80")) : 80
    https_port  = local.api_host.scheme == "https" ? tonumber(coalesce(local.api_host.port, "443")) : 443
  }

  # CloudFront keeps these answers for ten seconds unless it is told not to, and a failure of the API is over sooner.
  uncached_errors = [404, 500, 502, 503, 504]
}
