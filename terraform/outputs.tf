# What the command line, and anyone else, reads off the stack.

output "api_gateway_url" {
  description = "Base address of the API; routes start at /api/ below it."
  value       = local.api_gateway_url

  depends_on = [aws_api_gateway_stage.this, aws_lambda_permission.api_gateway]
}

output "cloudfront_url" {
  description = "Address of the dashboard."
  value       = local.cloudfront_url
}

output "public_api_url" {
  description = "Base address of the API as pages use it: below the domain where there is one."
  value       = local.public_api_url
}

output "domain" {
  description = "The environment's own host name, or null."
  value       = var.domain
}

output "domain_attached" {
  description = "Whether CloudFront answers to the domain."
  value       = local.is_domain_attached
}

output "dns_records" {
  description = "Records to set for the domain by hand; none where Terraform writes them to Route 53."
  value       = local.dns_records
}

output "edge_store_arn" {
  description = "Key value store that CloudFront reads the origin secret from."
  value       = aws_cloudfront_key_value_store.edge.arn
}

output "dashboard_bucket" {
  description = "Bucket that the dashboard's files go to."
  value       = aws_s3_bucket.dashboard.bucket
}

output "artifact_bucket" {
  description = "Bucket that the function zips are in."
  value       = aws_s3_bucket.artifacts.bucket
}

output "distribution_id" {
  description = "Id of the CloudFront distribution, to be told of new files."
  value       = aws_cloudfront_distribution.dashboard.id
}

output "rest_api_id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "rest_api_name" {
  description = "Name of the REST API, a dimension of its metrics."
  value       = aws_api_gateway_rest_api.this.name
}

output "stage_name" {
  description = "Name of the API's stage, a dimension of its metrics."
  value       = aws_api_gateway_stage.this.stage_name
}

output "functions" {
  description = "Function to its full name, ARN, alias in service and log group. Versions are not Terraform's: a release publishes them, too."
  value = {
    for name, function in module.function : name => {
      function_name = function.function_name
      arn           = function.arn
      alias         = function.alias
      log_group     = function.log_group
    }
  }
}

output "tables" {
  description = "Names of the tables events, sessions and state."
  value       = { for name, table in local.tables : name => table.name }
}

output "log_groups" {
  description = "Names of the log groups: the functions' and the API's access log."
  value       = concat([for function in module.function : function.log_group], [aws_cloudwatch_log_group.api_access.name])
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}

output "alarm_topic_arn" {
  description = "SNS topic that alarms are sent to."
  value       = aws_sns_topic.alarms.arn
}

output "monitoring_dashboard" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "read_token_sha256" {
  description = "SHA-256 of the read token that is deployed, so that another machine deploys the same."
  value       = var.read_token_sha256
}

output "region" {
  description = "Region of the stack."
  value       = var.region
}

output "environment" {
  description = "Name of the environment."
  value       = var.environment
}
