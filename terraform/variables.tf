# What an environment may choose. The command line fills these in; docs/terraform.md lists them.

variable "project" {
  description = "First part of every name."
  type        = string
  default     = "liveinsight"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.project))
    error_message = "project must be 2 to 20 characters: lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }
}

variable "environment" {
  description = "Name of the environment, the last part of every name: local, dev, prod or another."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", var.environment))
    error_message = "environment must be 1 to 20 characters: lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }
}

variable "region" {
  description = "AWS region of everything but CloudFront, which is global."
  type        = string
  default     = "ap-northeast-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS region, such as ap-northeast-2."
  }
}

variable "packages" {
  description = "The function zips: function name to the zip's path, best one that is the same on every machine, and the hexadecimal SHA-256 digest of its content."
  type        = map(object({ path = string, digest = string }))

  validation {
    condition     = toset(keys(var.packages)) == toset(["aggregator", "event-collector", "realtime-api", "stats-api"])
    error_message = "packages must name exactly aggregator, event-collector, realtime-api and stats-api."
  }

  validation {
    condition     = alltrue([for package in values(var.packages) : can(regex("^[0-9a-f]{64}$", package.digest))])
    error_message = "The digest of a package must be 64 lower-case hexadecimal digits (SHA-256)."
  }
}

variable "read_token_sha256" {
  description = "Hexadecimal SHA-256 of the token that reads need. The token itself never comes here."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.read_token_sha256))
    error_message = "read_token_sha256 must be 64 lower-case hexadecimal digits (SHA-256)."
  }
}

variable "public_dashboard" {
  description = "Whether reads are answered without a token."
  type        = bool
  default     = false
  nullable    = false
}

variable "allowed_sites" {
  description = "Hosts whose events are accepted, without www. Empty: any site."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for site in var.allowed_sites : can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$", site)) && !startswith(site, "www.")])
    error_message = "allowed_sites must be host names in lower case without www., such as shop.example."
  }
}

variable "allowed_origins" {
  description = "Origins whose pages may send events and read answers: [\"*\"] for any, else a list. The dashboard's own origin is always added to a list."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition     = length(var.allowed_origins) > 0
    error_message = "allowed_origins must not be empty: use [\"*\"] to allow any origin."
  }

  validation {
    condition     = var.allowed_origins == tolist(["*"]) || alltrue([for origin in var.allowed_origins : can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "allowed_origins must be [\"*\"] alone, or origins in lower case without a path, such as https://shop.example."
  }
}

variable "visitor_requests_per_minute" {
  description = "Requests with events that one visitor of a site may send in a minute; more are answered 429. 0: no limit."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.visitor_requests_per_minute >= 0 && var.visitor_requests_per_minute <= 6000 && floor(var.visitor_requests_per_minute) == var.visitor_requests_per_minute
    error_message = "visitor_requests_per_minute must be a whole number from 0 (no limit) to 6000."
  }
}

variable "kept_parameters" {
  description = "Parameters of page addresses that are stored and tell pages apart, such as id; all others are cut away, but for the campaign's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.kept_parameters) <= 20 && alltrue([for name in var.kept_parameters : can(regex("^[A-Za-z0-9_.-]{1,64}$", name))])
    error_message = "kept_parameters must be at most 20 names of 1 to 64 of A-Z a-z 0-9 _ . -"
  }
}

variable "alarm_email" {
  description = "Address that gets every alarm by e-mail, once it has confirmed the subscription. Null: nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alarm_email))
    error_message = "alarm_email must be one e-mail address, or null."
  }
}

variable "log_retention_days" {
  description = "Days that every log group keeps its events."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "memory_mb" {
  description = "Memory of every function in MB; its share of a CPU grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 128 to 10240."
  }
}

variable "timeout_seconds" {
  description = "Timeout of every function in seconds. API Gateway stops waiting after 29 in any case."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 900."
  }
}

variable "requests_per_minute" {
  description = "Requests a minute that the whole API lets through, shared out over its methods."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.requests_per_minute >= 60 && var.requests_per_minute <= 600000
    error_message = "requests_per_minute must be from 60 to 600000 (API Gateway's account limit is 10000 a second)."
  }
}

variable "reserved_concurrency" {
  description = "How many copies of event-collector may run at once; the account sets them aside for it and keeps at least 100 for all others. Null: it shares the account's."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1 && var.reserved_concurrency <= 10000 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency must be a whole number from 1 to 10000, or null."
  }
}

variable "domain" {
  description = "Host name of the dashboard and, below /api/, of the API. Null: CloudFront's own."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.domain))
    error_message = "domain must be a host name in lower case with a dot in it, such as stats.example.com, or null."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone that the domain's records are written to. Null: they are set elsewhere, by hand."
  type        = string
  default     = null

  validation {
    condition     = var.hosted_zone_id == null || can(regex("^Z[A-Z0-9]{1,31}$", var.hosted_zone_id))
    error_message = "hosted_zone_id must be the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ, or null."
  }
}

variable "domain_ready" {
  description = "Whether the certificate of a domain without hosted_zone_id is issued, so that CloudFront can use it. The command line asks ACM."
  type        = bool
  default     = false
  nullable    = false
}

variable "origin_secret_sha256" {
  description = "Hexadecimal SHA-256 of the secret that CloudFront sends with what it says of a visitor; the secret itself never comes here. Null: nothing of it is believed."
  type        = string
  default     = null

  validation {
    condition     = var.origin_secret_sha256 == null || can(regex("^[0-9a-f]{64}$", var.origin_secret_sha256))
    error_message = "origin_secret_sha256 must be 64 lower-case hexadecimal digits (SHA-256), or null."
  }
}

variable "waf" {
  description = "Whether AWS WAF stands before the API and the dashboard."
  type        = bool
  default     = false
  nullable    = false
}

variable "customer_managed_key" {
  description = "Whether tables, logs, queue and alarms are encrypted with a KMS key of this environment, instead of AWS's own."
  type        = bool
  default     = false
  nullable    = false
}

variable "detailed_monitoring" {
  description = "Whether the API reports metrics of each method, and API and functions send traces to X-Ray. Both are charged."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_log_bucket" {
  description = "Bucket of the account and region that the access logs of both buckets go to. Null: no such logs."
  type        = string
  default     = null

  validation {
    condition     = var.access_log_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be the name of a bucket, or null."
  }
}

variable "blocked_countries" {
  description = "Countries whose visitors CloudFront refuses, as codes of two capitals. Empty: none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for country in var.blocked_countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "blocked_countries must be ISO 3166 codes of two capital letters, such as KP."
  }
}

variable "charges_alarm_usd" {
  description = "Estimated charges of the whole account and month, in US dollars, at which an alarm is raised. Null: no such alarm."
  type        = number
  default     = null

  validation {
    condition     = var.charges_alarm_usd == null || try(var.charges_alarm_usd >= 1 && var.charges_alarm_usd <= 1000000 && floor(var.charges_alarm_usd) == var.charges_alarm_usd, false)
    error_message = "charges_alarm_usd must be a whole number from 1 to 1000000, or null."
  }
}

variable "protected" {
  description = "Protects the tables: deletion protection and point-in-time recovery; keeps old versions of objects for a year."
  type        = bool
  default     = false
  nullable    = false
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

variable "embedded" {
  description = "Leaves out what the embedded AWS cannot hold (docs/embedded-aws-limits.md)."
  type        = bool
  default     = false
  nullable    = false
}

variable "local_api_url" {
  description = "Where the embedded AWS serves API Gateway, such as http://127.0.0.1:4567. Null: AWS itself."
  type        = string
  default     = null

  validation {
    condition     = var.local_api_url == null || can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?$", var.local_api_url))
    error_message = "local_api_url must be scheme, host and port without a path or a final slash, such as http://127.0.0.1:4567, or null."
  }
}
