variable "name" {
  description = "Name of the web ACL and of its metric."
  type        = string
}

variable "description" {
  description = "What stands behind it, in one sentence."
  type        = string
}

variable "scope" {
  description = "REGIONAL for an API's stage, CLOUDFRONT for a distribution."
  type        = string

  validation {
    condition     = contains(["CLOUDFRONT", "REGIONAL"], var.scope)
    error_message = "scope must be CLOUDFRONT or REGIONAL."
  }
}

variable "requests" {
  description = "Requests that one address may send within the window."
  type        = number
}

variable "window_seconds" {
  description = "Length of the window, and how long a refused sender is told to wait."
  type        = number

  validation {
    condition     = contains([60, 120, 300, 600], var.window_seconds)
    error_message = "window_seconds must be 60, 120, 300 or 600."
  }
}

variable "is_behind_cloudfront" {
  description = "Whether requests come by way of a distribution of ours, so that the sender's address is the first that X-Forwarded-For names."
  type        = bool
  default     = false
}
