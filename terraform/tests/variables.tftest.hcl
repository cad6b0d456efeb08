# Every rule of variables.tf, broken: wrong values must be refused before anything is planned. Values
# that can be wrong in several ways take a run for each way.

mock_provider "aws" {}

mock_provider "aws" {
  alias = "us_east_1"
}

run "nothing_that_has_a_rule_can_break_it" {
  command = plan

  variables {
    project           = "Live Insight"
    environment       = "Prod_1"
    region            = "seoul"
    packages          = { event-collector = { path = "./lambda.tf", digest = "1" } }
    read_token_sha256 = "the-token-itself"
    allowed_sites     = ["www.shop.example"]
    allowed_origins   = []
    kept_parameters   = ["a name"]
    alarm_email       = "ops"

    visitor_requests_per_minute = 0.5
    log_retention_days          = 8
    memory_mb                   = 64
    timeout_seconds             = 901
    requests_per_minute         = 59
    reserved_concurrency        = 0
    domain                      = "Stats.shop.example"
    hosted_zone_id              = "shop.example"
    origin_secret_sha256        = "s3cret"
    charges_alarm_usd           = 0.5
    access_log_bucket           = "Logs"
    blocked_countries           = ["Korea"]
    max_retries                 = -1
    local_api_url               = "http://127.0.0.1:4567/v1"
  }

  expect_failures = [
    var.project,
    var.environment,
    var.region,
    var.packages,
    var.read_token_sha256,
    var.allowed_sites,
    var.allowed_origins,
    var.kept_parameters,
    var.visitor_requests_per_minute,
    var.alarm_email,
    var.log_retention_days,
    var.memory_mb,
    var.timeout_seconds,
    var.requests_per_minute,
    var.reserved_concurrency,
    var.domain,
    var.hosted_zone_id,
    var.origin_secret_sha256,
    var.charges_alarm_usd,
    var.access_log_bucket,
    var.blocked_countries,
    var.max_retries,
    var.local_api_url,
  ]
}

run "addresses_are_not_hosts_and_origins_have_no_path" {
  command = plan

  variables {
    environment       = "-dev"
    read_token_sha256 = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"
    allowed_sites     = ["https://shop.example"]
    allowed_origins   = ["https://shop.example/"]
    packages = {
      event-collector = { path = "./lambda.tf", digest = "1" }
      realtime-api    = { path = "./lambda.tf", digest = "2" }
      stats-api       = { path = "./lambda.tf", digest = "3" }
      aggregator      = { path = "./lambda.tf", digest = "4" }
    }
  }

  expect_failures = [var.environment, var.read_token_sha256, var.allowed_sites, var.allowed_origins, var.packages]
}

run "any_origin_stands_alone" {
  command = plan

  variables {
    environment       = "a-name-of-21-letters-x"
    read_token_sha256 = ""
    allowed_origins   = ["*", "https://shop.example"]
    packages          = {}
  }

  expect_failures = [var.environment, var.read_token_sha256, var.allowed_origins, var.packages]
}
