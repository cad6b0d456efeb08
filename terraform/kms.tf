# The environment's own key, where it wants one. Without it everything at rest is encrypted with keys
# that AWS keeps, but for the alarm topic: docs/security.md has the list.

locals {
  # For all that needs the key's policy: tables do not, and so stand before anything that it names.
  key_arn = length(aws_kms_key_policy.this) > 0 ? aws_kms_key.this[0].arn : null

  # Every group that CloudWatch Logs may use the key for; a group that is missing here cannot be made.
  encrypted_log_groups = concat(
    [for name in values(local.names.functions) : "/aws/lambda/${name}"],
    ["/aws/apigateway/${local.names.rest_api}", local.api_execution_log],
  )

  # DynamoDB opens a table's key in the name of whoever calls it. What it needs for that is AWS's
  # documented list for a table's users; only writers need more than to decrypt.
  table_reader_key_actions = ["kms:Decrypt", "kms:DescribeKey"]
  table_writer_key_actions = concat(local.table_reader_key_actions, [
    "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
  ])

  key_permissions = {
    for function in keys(local.functions) : function => concat(
      [for key in aws_kms_key.this : {
        actions   = contains(local.table_writers, function) ? local.table_writer_key_actions : local.table_reader_key_actions
        resources = [key.arn]
        via       = ["dynamodb.${var.region}.${data.aws_partition.current.dns_suffix}"]
      }],
      # Who sends to an encrypted queue has its key made and opened again.
      [for key in aws_kms_key.this : {
        actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources = [key.arn]
        via       = ["sqs.${var.region}.${data.aws_partition.current.dns_suffix}"]
      } if function == "aggregator" && local.has_dead_queue],
    )
  }

  table_writers = ["aggregator", "event-collector"]

  key_statements = {
    # Without this nobody could ever change or delete a key; it lets nobody in by itself, but makes the
    # account's IAM policies count. Tables and queue are opened by roles that have such a policy.
    account = {
      Sid       = "AccountDecidesByItsPolicies"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${local.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }

    # An alarm that may not use its topic's key is dropped without a word.
    alarms = {
      for region in toset([var.region, "us-east-1"]) : region => {
        Sid       = "AlarmsToTheTopic"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:cloudwatch:${region}:${local.account_id}:alarm:${var.project}-*" }
        }
      }
    }
  }
}

resource "aws_kms_key" "this" {
  count = var.customer_managed_key ? 1 : 0

  description             = "Encrypts what ${var.project}-${var.environment} keeps."
  enable_key_rotation     = true
  deletion_window_in_days = var.protected ? 30 : 7
}

resource "aws_kms_key_policy" "this" {
  count = var.customer_managed_key ? 1 : 0

  key_id = aws_kms_key.this[0].key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.key_statements.account,
      {
        Sid       = "LogGroups"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.${data.aws_partition.current.dns_suffix}" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnEquals = {
            "kms:EncryptionContext:aws:logs:arn" = [
              for group in local.encrypted_log_groups :
              "arn:${data.aws_partition.current.partition}:logs:${var.region}:${local.account_id}:log-group:${group}"
            ]
          }
        }
      },
      {
        Sid       = "DashboardThroughCloudFront"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.dashboard.arn } }
      },
      local.key_statements.alarms[var.region],
    ]
  })
}

resource "aws_kms_alias" "this" {
  count = var.customer_managed_key ? 1 : 0

  name          = local.names.key
  target_key_id = aws_kms_key.this[0].key_id
}

# The alarm on charges has its topic in us-east-1, where the other key is not.
resource "aws_kms_key" "charges" {
  count    = var.customer_managed_key && local.has_charges_alarm ? 1 : 0
  provider = aws.us_east_1

  description             = "Encrypts the alarm on charges of ${var.project}-${var.environment}."
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.key_statements.account, local.key_statements.alarms["us-east-1"]]
  })
}
