# What the account-wide part is told by the command line.

variable "project" {
  description = "First part of the role's name."
  type        = string
  default     = "liveinsight"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.project))
    error_message = "project must be 2 to 20 characters: lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }
}

variable "region" {
  description = "AWS region whose API Gateway gets the role."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS region, such as ap-northeast-2."
  }
}

variable "max_retries" {
  description = "How often the provider repeats a failed call. Null: the provider's own choice, 25."
  type        = number
  default     = null

  validation {
    condition     = var.max_retries == null || try(var.max_retries >= 0 && var.max_retries <= 100 && floor(var.max_retries) == var.max_retries, false)
    error_message = "max_retries must be a whole number from 0 to 100, or null."
  }
}
