# What the command line reads off the account-wide part.

output "cloudwatch_role_arn" {
  description = "Role that API Gateway writes its logs with."
  value       = aws_api_gateway_account.this.cloudwatch_role_arn
}
