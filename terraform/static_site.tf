# The dashboard: CloudFront before a private bucket (buckets.tf). The command line uploads the files.

locals {
  # CloudFront's managed policies have the same ids in every account.
  managed_policies = {
    caching_optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  # The embedded AWS serves a distribution on a port of its own, without TLS, and says
  # 127.0.0.1:<port> as its domain name.
  cloudfront_url = "${var.embedded ? "http" : "https"}://${aws_cloudfront_distribution.dashboard.domain_name}"

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
  web_acl_id          = var.waf ? module.dashboard_firewall[0].arn : null

  origin {
    origin_id                = "dashboard"
    domain_name              = aws_s3_bucket.dashboard.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.dashboard.id
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
    cloudfront_default_certificate = true
  }
}
