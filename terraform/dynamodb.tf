# The three tables. Keys can only be strings, numbers or binaries: is_active is the string "true"
# while a session is active and absent afterwards, which keeps ActivityIndex sparse.

resource "aws_dynamodb_table" "events" {
  name         = local.names.tables.events
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "session_id"
  range_key    = "timestamp"

  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"

  deletion_protection_enabled = var.protected

  attribute {
    name = "session_id"
    type = "S"
  }

  attribute {
    name = "timestamp"
    type = "N"
  }

  attribute {
    name = "event_type"
    type = "S"
  }

  # What the feed of the realtime API shows, and what the statistics count of chosen visits; props, vitals and the rest
  # would only be paid for twice.
  global_secondary_index {
    name            = local.indexes.events
    hash_key        = "event_type"
    range_key       = "timestamp"
    projection_type = "INCLUDE"
    non_key_attributes = [
      "before", "bot", "country", "engaged_ms", "event_id", "interactive", "page_url", "referrer", "site", "source", "title",
      "user_agent", "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "visitor",
    ]
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = var.protected
  }

  # Without a key of ours DynamoDB encrypts with one of its own.
  dynamic "server_side_encryption" {
    for_each = aws_kms_key.this

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
}

resource "aws_dynamodb_table" "sessions" {
  name         = local.names.tables.sessions
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "session_id"

  deletion_protection_enabled = var.protected

  attribute {
    name = "session_id"
    type = "S"
  }

  attribute {
    name = "is_active"
    type = "S"
  }

  attribute {
    name = "last_activity"
    type = "N"
  }

  # What the realtime API counts and lists.
  global_secondary_index {
    name               = local.indexes.sessions
    hash_key           = "is_active"
    range_key          = "last_activity"
    projection_type    = "INCLUDE"
    non_key_attributes = ["country", "current_page", "device", "last_event", "last_seen", "site", "source", "visitor", "visitor_before"]
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = var.protected
  }

  # Without a key of ours DynamoDB encrypts with one of its own.
  dynamic "server_side_encryption" {
    for_each = aws_kms_key.this

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
}

resource "aws_dynamodb_table" "state" {
  name         = local.names.tables.state
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  deletion_protection_enabled = var.protected

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = var.protected
  }

  # Without a key of ours DynamoDB encrypts with one of its own.
  dynamic "server_side_encryption" {
    for_each = aws_kms_key.this

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
}

locals {
  tables = {
    events   = aws_dynamodb_table.events
    sessions = aws_dynamodb_table.sessions
    state    = aws_dynamodb_table.state
  }

  # The index of each table that has one.
  indexes = {
    events   = "EventTypeIndex"
    sessions = "ActivityIndex"
  }
}
