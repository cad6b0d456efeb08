output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function, without a version."
  value       = aws_lambda_function.this.arn
}

output "alias" {
  description = "Name of the alias in service."
  value       = aws_lambda_alias.this.name
}

output "alias_arn" {
  description = "ARN of the alias in service."
  value       = aws_lambda_alias.this.arn
}

output "invoke_arn" {
  description = "What API Gateway calls: the alias."
  value       = aws_lambda_alias.this.invoke_arn
}

output "log_group" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}
