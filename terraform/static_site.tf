# The dashboard: CloudFront before a private bucket (buckets.tf). The command line uploads the files.

locals {
  # CloudFront's managed policies have the same ids in every account.
  managed_policies = {
    caching_optimized             = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    all_viewer_except_host_header = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  }

  # The embedded AWS serves a distribution on a port of its own, without TLS and under no other name, and says
  # 127.0.0.1:<port> as its domain name.
  distribution_url = "${var.embedded ? "http" : "https"}://${aws_cloudfront_distribution.dashboard.domain_name}"
  is_domain_served = local.is_domain_attached && !var.embedded
  cloudfront_url   = local.is_domain_served ? "https://${var.domain}" : local.distribution_url

  # Where pages send events: their own origin where it has a name; else the API itself, which costs no CloudFront
  # request. The dashboard reads by way of CloudFront in any case.
  public_api_url = local.is_domain_served ? local.cloudfront_url : local.api_gateway_url

  content_security_policy = join("; ", [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "connect-src 'self' ${local.api_origin}",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
}

resource "aws_cloudfront_origin_access_control" "dashboard" {
  name                              = local.names.site
  description                       = "Lets CloudFront read the dashboard bucket."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "dashboard" {
  name    = local.names.site
  comment = "Security headers of the dashboard."

  security_headers_config {
    content_security_policy {
      content_security_policy = local.content_security_policy
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      preload                    = true # as a list of browsers would ask; by itself it does nothing
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "Permissions-Policy"
      value    = "camera=(), geolocation=(), microphone=()"
      override = true
    }
  }
}

resource "aws_cloudfront_distribution" "dashboard" {
  comment             = local.names.site
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = "PriceClass_All"
  default_root_object = "index.html"
  wait_for_deployment = false
  aliases             = local.is_domain_attached ? [var.domain] : []
  web_acl_id          = var.waf ? module.dashboard_firewall[0].arn : null

  origin {
    origin_id                = "dashboard"
    domain_name              = aws_s3_bucket.dashboard.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.dashboard.id
  }

  # Its own name for a host: API Gateway knows no other.
  origin {
    origin_id   = "api"
    domain_name = local.api_at_edge.domain_name
    origin_path = local.api_at_edge.path

    custom_origin_config {
      origin_protocol_policy = local.api_at_edge.protocol
      http_port              = local.api_at_edge.http_port
      https_port             = local.api_at_edge.https_port
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  # Before /api/*, which has these paths too. No function: nobody asks who a reader is.
  dynamic "ordered_cache_behavior" {
    for_each = local.reads

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "api"
      viewer_protocol_policy     = "https-only"
      allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = aws_cloudfront_cache_policy.reads.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.reads.id
    }
  }

  # No policy for the answer's headers: those of the API say who may read it.
  ordered_cache_behavior {
    path_pattern             = "/api/*"
    target_origin_id         = "api"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = aws_cloudfront_cache_policy.api.id
    origin_request_policy_id = local.managed_policies.all_viewer_except_host_header

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.viewer.arn
    }
  }

  dynamic "custom_error_response" {
    for_each = local.uncached_errors

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  default_cache_behavior {
    target_origin_id           = "dashboard"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.managed_policies.caching_optimized
    response_headers_policy_id = aws_cloudfront_response_headers_policy.dashboard.id
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.blocked_countries) == 0 ? "none" : "blacklist"
      locations        = var.blocked_countries
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = !local.is_domain_attached
    acm_certificate_arn            = local.certificate_arn
    ssl_support_method             = local.is_domain_attached ? "sni-only" : null
    # CloudFront's own is TLSv1, and no choice. Spelled out, as Checkov does not follow locals so far.
    minimum_protocol_version = var.domain != null && (var.hosted_zone_id != null || var.domain_ready) ? "TLSv1.2_2021" : null
  }
}
