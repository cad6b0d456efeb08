# AWS WAF, where the environment wants it: the same rules before the API's stage and, as CloudFront's
# firewalls are kept there, in us-east-1 before the dashboard. What API Gateway's own throttles cannot
# do is tell callers apart.

locals {
  # What each address may send: far above a visitor, an office or a carrier's gateway.
  firewall_requests       = 1000
  firewall_window_seconds = 60
}

module "api_firewall" {
  source = "./modules/firewall"
  count  = var.waf ? 1 : 0

  name           = local.names.firewalls.api
  description    = "Before the API of ${var.project}-${var.environment}."
  scope          = "REGIONAL"
  requests       = local.firewall_requests
  window_seconds = local.firewall_window_seconds

  # Visitors of the domain all come from CloudFront's addresses: counted by those, a busy edge would be
  # refused. Whoever makes the header up escapes this limit, but not the API's own throttles.
  is_behind_cloudfront = var.domain != null
}

resource "aws_wafv2_web_acl_association" "api" {
  count = var.waf ? 1 : 0

  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = module.api_firewall[0].arn
}

module "dashboard_firewall" {
  source = "./modules/firewall"
  count  = var.waf ? 1 : 0

  providers = {
    aws = aws.us_east_1
  }

  name           = local.names.firewalls.dashboard
  description    = "Before the dashboard of ${var.project}-${var.environment}."
  scope          = "CLOUDFRONT"
  requests       = local.firewall_requests
  window_seconds = local.firewall_window_seconds
}
