# Two private buckets: zips of the functions, and the dashboard's files, which only CloudFront reads.

locals {
  # Both get the same protection.
  buckets = {
    artifacts = aws_s3_bucket.artifacts
    dashboard = aws_s3_bucket.dashboard
  }
}

resource "aws_s3_bucket" "artifacts" {
  bucket        = local.names.buckets.artifacts
  force_destroy = true # zips only, and any of them can be built again
}

resource "aws_s3_bucket" "dashboard" {
  bucket        = local.names.buckets.dashboard
  force_destroy = true # copies of dashboard/, uploaded again by any deploy
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.customer_managed_key ? "aws:kms" : "AES256"
      kms_master_key_id = local.key_arn
    }

    bucket_key_enabled = var.customer_managed_key # one call of KMS for many objects
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.has_bucket_lifecycles ? local.buckets : {}

  bucket = each.value.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.protected ? 365 : 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [each.value.arn, "${each.value.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      # With the right to list, a missing file is a 404 to CloudFront and not a 403.
      [for statement in [{
        Sid       = "CloudFrontReads"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = ["s3:GetObject", "s3:ListBucket"]
        Resource  = [each.value.arn, "${each.value.arn}/*"]
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.dashboard.arn } }
      }] : statement if each.key == "dashboard"],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# An object that changes outside a deploy can be noticed: EventBridge hears of every change, for
# nothing, and a rule of the account may listen.
resource "aws_s3_bucket_notification" "this" {
  for_each = local.buckets

  bucket      = each.value.id
  eventbridge = true
}

# No visitor is named in these: CloudFront is who reads the dashboard's bucket.
resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_log_bucket == null ? {} : local.buckets

  bucket        = each.value.id
  target_bucket = var.access_log_bucket
  target_prefix = "${each.value.id}/"
}
