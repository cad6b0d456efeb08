# Every protection that can be switched on, on: what Checkov looks at (.checkov.yaml).

environment       = "prod"
read_token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

# Any file stands in for a zip.
packages = {
  event-collector = { path = "./lambda.tf", digest = "1111111111111111111111111111111111111111111111111111111111111111" }
  realtime-api    = { path = "./lambda.tf", digest = "2222222222222222222222222222222222222222222222222222222222222222" }
  stats-api       = { path = "./lambda.tf", digest = "3333333333333333333333333333333333333333333333333333333333333333" }
  aggregator      = { path = "./lambda.tf", digest = "4444444444444444444444444444444444444444444444444444444444444444" }
}

allowed_sites   = ["shop.example"]
allowed_origins = ["https://shop.example"]
alarm_email     = "ops@shop.example"
domain          = "stats.shop.example"
hosted_zone_id  = "Z0123456789ABCDEFGHIJ"

protected            = true
customer_managed_key = true
waf                  = true
reserved_concurrency = 20
log_retention_days   = 365
detailed_monitoring  = true
access_log_bucket    = "shop-access-logs"
blocked_countries    = ["KP"]
charges_alarm_usd    = 50
