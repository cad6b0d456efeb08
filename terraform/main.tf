# The provider, the names every other file uses, and the facts about the account.

terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # No backend here: the command line writes an override beside its copy of these files, a local
  # file or an S3 bucket with use_lockfile.
}

provider "aws" {
  region      = var.region
  max_retries = var.max_retries

  default_tags {
    tags = local.tags
  }
}

# What CloudFront uses (certificates, its firewall) and what AWS bills are in this region only.
provider "aws" {
  alias       = "us_east_1"
  region      = "us-east-1"
  max_retries = var.max_retries

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # Every name is <project>-<what>-<environment>; only buckets, which share one namespace with the
  # whole world, end in the account's number. The longest possible one has 59 of their 63 characters.
  names = {
    tables = {
      events   = "${var.project}-events-${var.environment}"
      sessions = "${var.project}-sessions-${var.environment}"
      state    = "${var.project}-state-${var.environment}"
    }
    functions = {
      for name in keys(local.functions) : name => "${var.project}-${name}-${var.environment}"
    }
    buckets = {
      artifacts = "${var.project}-code-${var.environment}-${local.account_id}"
      dashboard = "${var.project}-site-${var.environment}-${local.account_id}"
    }
    rest_api   = "${var.project}-api-${var.environment}"
    dashboard  = "${var.project}-${var.environment}"
    alarms     = "${var.project}-alarms-${var.environment}"
    charges    = "${var.project}-charges-${var.environment}"
    edge       = "${var.project}-edge-${var.environment}"
    site       = "${var.project}-dashboard-${var.environment}"
    schedules  = { for task in keys(local.schedules) : task => "${var.project}-${replace(task, "_", "-")}-${var.environment}" }
    dead_queue = "${var.project}-aggregator-failures-${var.environment}"
    key        = "alias/${var.project}-${var.environment}"
    firewalls = {
      api       = "${var.project}-api-${var.environment}"
      dashboard = "${var.project}-dashboard-${var.environment}"
    }
  }

  tags = {
    Project     = var.project
    Environment = var.environment
    ManagedBy   = "liveinsight"
  }

  account_id = data.aws_caller_identity.current.account_id
  stage_name = "v1"
  alias_name = "live"

  # What the embedded AWS cannot hold, or holds only after half a minute of waiting, is left out
  # there: docs/embedded-aws-limits.md gives the reason for each.
  has_bucket_lifecycles = !var.embedded
  has_dead_queue        = !var.embedded
}
