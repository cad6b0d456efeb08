# One web ACL: a limit for each address, and requests that nobody sends with good intent.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV2_AWS_31:A log of the firewall holds every sender's address, which cannot be redacted, and addresses are never kept. Its metrics are.
  name        = var.name
  description = var.description
  scope       = var.scope

  default_action {
    allow {}
  }

  custom_response_body {
    key          = "throttled"
    content_type = "APPLICATION_JSON"
    content      = jsonencode({ error = { code = "throttled", message = "Too many requests from this address: wait and try again." } })
  }

  rule {
    name     = "requests-of-one-address"
    priority = 0

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "throttled"

          dynamic "response_header" {
            for_each = {
              Access-Control-Allow-Origin   = "*"
              Access-Control-Expose-Headers = "Retry-After"
              Cache-Control                 = "no-store"
              Retry-After                   = var.window_seconds
            }

            content {
              name  = response_header.key
              value = response_header.value
            }
          }
        }
      }
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = var.is_behind_cloudfront ? "FORWARDED_IP" : "IP"
        limit                 = var.requests
        evaluation_window_sec = var.window_seconds

        dynamic "forwarded_ip_config" {
          for_each = var.is_behind_cloudfront ? ["X-Forwarded-For"] : []

          content {
            header_name       = forwarded_ip_config.value
            fallback_behavior = "NO_MATCH"
          }
        }
      }
    }

    visibility_config {
      metric_name                = "requests-of-one-address"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false # a sample shows addresses
    }
  }

  rule {
    name     = "known-bad-inputs"
    priority = 1

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }

    visibility_config {
      metric_name                = "known-bad-inputs"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  # Counted, never blocked: behind VPNs and proxies are visitors too, and servers that report events are
  # in data centres. The metric tells how much traffic hides where it comes from.
  rule {
    name     = "anonymous-addresses"
    priority = 2

    override_action {
      count {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAnonymousIpList"
      }
    }

    visibility_config {
      metric_name                = "anonymous-addresses"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    metric_name                = var.name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = false
  }
}
