# What an account has one of per region, whatever the number of environments: the role through which API
# Gateway writes its logs. It is a stack of its own, with a state of its own, so that no environment takes
# it from another.

terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # No backend here: the command line writes an override beside its copy of these files.
}

provider "aws" {
  region      = var.region
  max_retries = var.max_retries

  default_tags {
    tags = {
      Project   = var.project
      ManagedBy = "liveinsight"
    }
  }
}

# Destroyed, this only leaves the state: the command line resets the setting, if it still names this role.
resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs.arn

  depends_on = [aws_iam_role_policy_attachment.api_gateway_logs]
}

# Role names are not regional, so this one names its region.
resource "aws_iam_role" "api_gateway_logs" {
  name        = "${var.project}-api-gateway-logs-${var.region}"
  description = "Lets API Gateway write its logs in this account and region."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

# AWS's own policy for this: API Gateway refuses a role that may do less.
resource "aws_iam_role_policy_attachment" "api_gateway_logs" {
  role       = aws_iam_role.api_gateway_logs.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

data "aws_partition" "current" {}
