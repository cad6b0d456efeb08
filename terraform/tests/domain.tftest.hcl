# The own domain, with and without Route 53, before and after its certificate is issued; and the API below /api/.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "us_east_1"
  override_during = plan

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock"
      domain_validation_options = [{
        domain_name           = "stats.example.com"
        resource_record_name  = "_a1.stats.example.com."
        resource_record_type  = "CNAME"
        resource_record_value = "_b2.acm-validations.aws."
      }]
    }
  }

  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock" }
  }
}

variables {
  environment          = "dev"
  read_token_sha256    = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
  origin_secret_sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
  allowed_origins      = ["https://shop.example"]

  # Any file stands in for a zip.
  packages = {
    event-collector = { path = "./lambda.tf", digest = "1111111111111111111111111111111111111111111111111111111111111111" }
    realtime-api    = { path = "./lambda.tf", digest = "2222222222222222222222222222222222222222222222222222222222222222" }
    stats-api       = { path = "./lambda.tf", digest = "3333333333333333333333333333333333333333333333333333333333333333" }
    aggregator      = { path = "./lambda.tf", digest = "4444444444444444444444444444444444444444444444444444444444444444" }
  }
}

run "without_a_domain" {
  command = plan

  plan_options {
    target = [aws_cloudfront_distribution.dashboard, aws_route53_record.domain, aws_acm_certificate_validation.domain, aws_lambda_permission.api_gateway]
  }

  assert {
    condition     = length(aws_acm_certificate.domain) == 0 && length(aws_route53_record.domain) == 0 && length(local.dns_records) == 0
    error_message = "An environment without a domain has something of one."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.dashboard.viewer_certificate[0].cloudfront_default_certificate
      && length(coalesce(aws_cloudfront_distribution.dashboard.aliases, [])) == 0
    )
    error_message = "Without a domain the distribution has CloudFront's own certificate and no other name."
  }

  assert {
    condition = (
      local.cloudfront_url == "https://d123.cloudfront.net"
      && local.public_api_url == local.api_gateway_url
    )
    error_message = "Without a domain, pages send to the API itself: every request through CloudFront would cost more."
  }

  # The API below /api/ of the distribution.

  assert {
    condition = (
      local.api_at_edge.domain_name == "abcdef1234.execute-api.ap-northeast-2.amazonaws.com"
      && local.api_at_edge.path == "/v1" && local.api_at_edge.protocol == "https-only"
      && toset([for origin in aws_cloudfront_distribution.dashboard.origin : origin.origin_id]) == toset(["dashboard", "api"])
    )
    error_message = "The API's origin is not the stage of the REST API, over TLS."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].path_pattern == "/api/*"
      && aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].viewer_protocol_policy == "https-only"
      && contains(aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].allowed_methods, "OPTIONS")
      && contains(aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].allowed_methods, "POST")
      && aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].origin_request_policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
      && coalesce(aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].response_headers_policy_id, "none") == "none"
    )
    error_message = "/api/* takes every method, forwards everything but Host, and leaves the API's own headers alone."
  }

  assert {
    condition = (
      aws_cloudfront_cache_policy.api.default_ttl == 0 && aws_cloudfront_cache_policy.api.min_ttl == 0
      && alltrue([for error in aws_cloudfront_distribution.dashboard.custom_error_response : error.error_caching_min_ttl == 0])
    )
    error_message = "CloudFront keeps answers of the API that are no figures."
  }

  # The first behaviour that fits is taken: these have to come before /api/*.
  assert {
    condition = (
      [for one in slice(aws_cloudfront_distribution.dashboard.ordered_cache_behavior, 0, 2) : one.path_pattern] == ["/api/realtime", "/api/stats"]
      && alltrue([
        for one in slice(aws_cloudfront_distribution.dashboard.ordered_cache_behavior, 0, 2) :
        one.target_origin_id == "api" && one.viewer_protocol_policy == "https-only" && one.compress
        && length(one.allowed_methods) == 7 && toset(one.cached_methods) == toset(["GET", "HEAD"])
        && coalesce(one.origin_request_policy_id, "none") == "none" && length(one.function_association) == 0
      ])
    )
    error_message = "Reads are not cached by themselves, or more reaches the API than an answer is kept by."
  }

  assert {
    condition = (
      aws_cloudfront_cache_policy.reads.min_ttl == 0 && aws_cloudfront_cache_policy.reads.default_ttl == 0
      && aws_cloudfront_cache_policy.reads.max_ttl == 10
      && toset(aws_cloudfront_cache_policy.reads.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].headers[0].items) == toset(["Authorization", "Origin"])
      && aws_cloudfront_cache_policy.reads.parameters_in_cache_key_and_forwarded_to_origin[0].query_strings_config[0].query_string_behavior == "all"
    )
    error_message = "Figures are kept for long, or given to another token or an origin that may not have them."
  }

  assert {
    condition     = [for one in aws_cloudfront_response_headers_policy.reads.custom_headers_config[0].items : [one.header, one.value, one.override]] == [["Cache-Control", "no-store", true]]
    error_message = "A browser may keep figures."
  }

  assert {
    condition     = toset(aws_cloudfront_cache_policy.api.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].headers[0].items) == toset(["Authorization", "CloudFront-Viewer-Country", "Origin"])
    error_message = "An answer depends on who asks, from where, and from which origin."
  }

  assert {
    condition = (
      [for one in aws_cloudfront_distribution.dashboard.ordered_cache_behavior[2].function_association : one.event_type] == ["viewer-request"]
      && aws_cloudfront_function.viewer.publish
      && aws_cloudfront_function.viewer.key_value_store_associations == toset([aws_cloudfront_key_value_store.edge.arn])
    )
    error_message = "The function that says who the visitor is does not run before /api/*."
  }

  assert {
    condition = { for name in keys(local.functions) : name => lookup(lookup(local.own_environment, name, {}), "ORIGIN_SECRET_SHA256", "") } == {
      event-collector = var.origin_secret_sha256
      realtime-api    = ""
      stats-api       = ""
      aggregator      = ""
    }
    error_message = "Only event-collector knows the origin secret's digest."
  }
}

run "dns_elsewhere_before_the_certificate_is_issued" {
  command = plan

  plan_options {
    target = [aws_cloudfront_distribution.dashboard, aws_route53_record.domain, aws_acm_certificate_validation.domain, aws_lambda_permission.api_gateway]
  }

  variables {
    domain = "stats.example.com"
  }

  assert {
    condition     = aws_acm_certificate.domain[0].domain_name == "stats.example.com" && aws_acm_certificate.domain[0].validation_method == "DNS"
    error_message = "There is no certificate to be validated by DNS."
  }

  assert {
    condition = [for record in local.dns_records : "${record.name} ${record.type} ${record.value}"] == [
      "_a1.stats.example.com CNAME _b2.acm-validations.aws",
      "stats.example.com CNAME d123.cloudfront.net",
    ]
    error_message = "The records to set by hand are not those of the certificate and of the distribution."
  }

  assert {
    condition     = length(aws_route53_record.domain) == 0 && length(aws_route53_record.certificate) == 0 && length(aws_acm_certificate_validation.domain) == 0
    error_message = "Something waits for, or writes, records that somebody else sets."
  }

  assert {
    condition = (
      !local.is_domain_attached && local.cloudfront_url == "https://d123.cloudfront.net"
      && aws_cloudfront_distribution.dashboard.viewer_certificate[0].cloudfront_default_certificate
    )
    error_message = "CloudFront refuses a certificate that is not issued."
  }
}

run "dns_elsewhere_once_the_certificate_is_issued" {
  command = plan

  plan_options {
    target = [aws_cloudfront_distribution.dashboard, aws_route53_record.domain, aws_acm_certificate_validation.domain, aws_lambda_permission.api_gateway]
  }

  variables {
    domain       = "stats.example.com"
    domain_ready = true
  }

  assert {
    condition = (
      aws_cloudfront_distribution.dashboard.viewer_certificate[0].acm_certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/mock"
      && aws_cloudfront_distribution.dashboard.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
      && aws_cloudfront_distribution.dashboard.viewer_certificate[0].ssl_support_method == "sni-only"
      && aws_cloudfront_distribution.dashboard.aliases == toset(["stats.example.com"])
    )
    error_message = "The distribution does not answer to the domain with its certificate and TLS 1.2 or newer."
  }

  assert {
    condition = (
      local.is_domain_attached && local.cloudfront_url == "https://stats.example.com"
      && local.public_api_url == "https://stats.example.com"
      && local.api_gateway_url == "https://abcdef1234.execute-api.ap-northeast-2.amazonaws.com/v1"
    )
    error_message = "With the domain, dashboard and API are one origin; the API's own address stays."
  }

  assert {
    condition     = local.allowed_origins == tolist(["https://shop.example", "https://d123.cloudfront.net", "https://stats.example.com"])
    error_message = "A list of origins lacks one that the dashboard is opened from."
  }

  assert {
    condition     = length(local.dns_records) == 2
    error_message = "The records are still needed: the certificate is renewed by one of them."
  }
}

run "a_zone_of_route_53" {
  command = plan

  plan_options {
    target = [aws_cloudfront_distribution.dashboard, aws_route53_record.domain, aws_acm_certificate_validation.domain, aws_lambda_permission.api_gateway]
  }

  variables {
    domain         = "stats.example.com"
    hosted_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition = (
      aws_route53_record.certificate[0].name == "_a1.stats.example.com."
      && aws_route53_record.certificate[0].records == toset(["_b2.acm-validations.aws."])
      && length(aws_acm_certificate_validation.domain) == 1
    )
    error_message = "The certificate is not proved by a record in the zone."
  }

  assert {
    condition = { for type, record in aws_route53_record.domain : type => "${record.zone_id} ${record.name} ${record.alias[0].name} ${record.alias[0].zone_id}" } == {
      A    = "Z0123456789ABCDEFGHIJ stats.example.com d123.cloudfront.net Z2FDTNDATAQYW2"
      AAAA = "Z0123456789ABCDEFGHIJ stats.example.com d123.cloudfront.net Z2FDTNDATAQYW2"
    }
    error_message = "The domain does not lead to the distribution, by IPv4 and IPv6."
  }

  assert {
    condition     = local.is_domain_attached && local.cloudfront_url == "https://stats.example.com" && length(local.dns_records) == 0
    error_message = "With a zone all is done in one deploy and nothing is left to set by hand."
  }
}
