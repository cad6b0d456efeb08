# The environment's own host name: a certificate, the records that prove and point it, and whether CloudFront answers to it.
#
# With a Route 53 zone all of it is done in one go. With DNS elsewhere the first deploy makes the certificate and says
# which records to set; once the certificate is issued, the next deploy puts it into use. Nothing waits in between.

locals {
  has_domain         = var.domain != null
  has_zone           = var.domain != null && var.hosted_zone_id != null
  is_domain_attached = local.has_domain && (local.has_zone || var.domain_ready)

  certificate_arn = !local.is_domain_attached ? null : (
    local.has_zone ? aws_acm_certificate_validation.domain[0].certificate_arn : aws_acm_certificate.domain[0].arn
  )

  # One name, so one record.
  certificate_record = !local.has_domain ? null : one(aws_acm_certificate.domain[0].domain_validation_options)

  # What somebody has to set by hand.
  dns_records = !local.has_domain || local.has_zone ? [] : [
    {
      name    = trimsuffix(local.certificate_record.resource_record_name, ".")
      type    = local.certificate_record.resource_record_type
      value   = trimsuffix(local.certificate_record.resource_record_value, ".")
      purpose = "proves the domain to AWS, now and at each renewal of the certificate"
    },
    {
      name    = var.domain
      type    = "CNAME"
      value   = aws_cloudfront_distribution.dashboard.domain_name
      purpose = "leads to the dashboard and the API (where a domain itself may have no CNAME: ALIAS or ANAME)"
    },
  ]
}

resource "aws_acm_certificate" "domain" {
  count    = local.has_domain ? 1 : 0
  provider = aws.us_east_1 # the only region that CloudFront takes certificates from

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true # CloudFront lets no certificate go that it uses
  }
}

resource "aws_route53_record" "certificate" {
  count = local.has_zone ? 1 : 0

  zone_id         = var.hosted_zone_id
  name            = local.certificate_record.resource_record_name
  type            = local.certificate_record.resource_record_type
  records         = [local.certificate_record.resource_record_value]
  ttl             = 300
  allow_overwrite = true # the record is the same for every certificate of this name in this account
}

resource "aws_acm_certificate_validation" "domain" {
  count    = local.has_zone ? 1 : 0
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.domain[0].arn
  validation_record_fqdns = [aws_route53_record.certificate[0].fqdn]
}

resource "aws_route53_record" "domain" {
  for_each = local.has_zone ? toset(["A", "AAAA"]) : toset([])

  zone_id = var.hosted_zone_id
  name    = var.domain
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.dashboard.domain_name
    zone_id                = aws_cloudfront_distribution.dashboard.hosted_zone_id
    evaluate_target_health = false
  }
}
