# The account-wide part, a stack of its own: one role for all of API Gateway in an account and region.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

run "the_account_wide_part" {
  command = apply

  module {
    source = "./account"
  }

  variables {
    region = "eu-west-1"
  }

  assert {
    condition     = aws_iam_role.api_gateway_logs.name == "liveinsight-api-gateway-logs-eu-west-1"
    error_message = "Role names are not regional: the role must name its region, and no environment."
  }

  assert {
    condition     = jsondecode(aws_iam_role.api_gateway_logs.assume_role_policy).Statement[0].Principal.Service == "apigateway.amazonaws.com"
    error_message = "Only API Gateway may take the role."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.api_gateway_logs.policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    error_message = "The role lacks AWS's own policy, without which API Gateway refuses it."
  }

  assert {
    condition     = output.cloudwatch_role_arn == aws_iam_role.api_gateway_logs.arn
    error_message = "The output must be the role that is set."
  }
}
