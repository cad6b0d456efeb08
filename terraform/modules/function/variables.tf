variable "name" {
  description = "Full name of the function; its role and its log group are named after it."
  type        = string
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
}

variable "handler" {
  description = "Python path of the handler."
  type        = string
}

variable "memory_mb" {
  description = "Memory in MB."
  type        = number
}

variable "timeout_seconds" {
  description = "Timeout in seconds."
  type        = number
}

variable "package" {
  description = "Where the zip is in S3, and the base64 SHA-256 of its bytes."
  type        = object({ bucket = string, key = string, sha256 = string })
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)

  # Lambda refuses these only when the function is created: neither validate nor plan would tell.
  validation {
    condition = length(setintersection(keys(var.environment), [
      "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION",
      "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
      "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
    ])) == 0
    error_message = "environment must not set a variable that Lambda reserves, such as AWS_REGION: Lambda provides those itself."
  }

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[a-zA-Z][a-zA-Z0-9_]+$", name))])
    error_message = "The name of an environment variable must be a letter followed by letters, digits and underscores."
  }
}

variable "permissions" {
  description = "What the function may do, apart from writing its own log; via names the services through which alone it may use a KMS key."
  type        = list(object({ actions = list(string), resources = list(string), via = optional(list(string)) }))
}

variable "reserved_concurrency" {
  description = "Copies that may run at once, set aside for this function. Null: it shares the account's."
  type        = number
  default     = null
}

variable "kms_key_arn" {
  description = "Key that encrypts the log group and the environment variables. Null: AWS's own."
  type        = string
  default     = null
}

variable "has_traces" {
  description = "Whether the function sends traces to X-Ray."
  type        = bool
  default     = false
}

variable "dead_letter_arns" {
  description = "Queue for asynchronous calls that failed for good: one, or none."
  type        = list(string)
  default     = []
}

variable "alias" {
  description = "Name of the alias that every caller uses."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log group keeps its events."
  type        = number
}
