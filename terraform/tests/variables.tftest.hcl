# Every rule of variables.tf, broken once: a wrong value must be refused before anything is planned.

mock_provider "aws" {}

variables {
  environment       = "dev"
  read_token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

  packages = {
    event-collector = { path = "./lambda.tf", digest = "1111111111111111111111111111111111111111111111111111111111111111" }
    realtime-api    = { path = "./lambda.tf", digest = "2222222222222222222222222222222222222222222222222222222222222222" }
    stats-api       = { path = "./lambda.tf", digest = "3333333333333333333333333333333333333333333333333333333333333333" }
    aggregator      = { path = "./lambda.tf", digest = "4444444444444444444444444444444444444444444444444444444444444444" }
  }
}

run "project_is_one_lower_case_word" {
  command = plan

  variables {
    project = "Live Insight"
  }

  expect_failures = [var.project]
}

run "environment_is_one_lower_case_word" {
  command = plan

  variables {
    environment = "Prod_1"
  }

  expect_failures = [var.environment]
}

run "region_is_a_region" {
  command = plan

  variables {
    region = "seoul"
  }

  expect_failures = [var.region]
}

run "read_token_is_a_digest_and_not_the_token" {
  command = plan

  variables {
    read_token_sha256 = "s3cret-token"
  }

  expect_failures = [var.read_token_sha256]
}

run "sites_are_hosts_without_www" {
  command = plan

  variables {
    allowed_sites = ["www.shop.example"]
  }

  expect_failures = [var.allowed_sites]
}

run "sites_are_hosts_and_not_addresses" {
  command = plan

  variables {
    allowed_sites = ["https://shop.example"]
  }

  expect_failures = [var.allowed_sites]
}

run "origins_are_not_empty" {
  command = plan

  variables {
    allowed_origins = []
  }

  expect_failures = [var.allowed_origins]
}

run "origins_have_no_path" {
  command = plan

  variables {
    allowed_origins = ["https://shop.example/"]
  }

  expect_failures = [var.allowed_origins]
}

run "any_origin_stands_alone" {
  command = plan

  variables {
    allowed_origins = ["*", "https://shop.example"]
  }

  expect_failures = [var.allowed_origins]
}

run "alarm_email_is_one_address" {
  command = plan

  variables {
    alarm_email = "ops"
  }

  expect_failures = [var.alarm_email]
}

run "retention_is_one_that_cloudwatch_knows" {
  command = plan

  variables {
    log_retention_days = 8
  }

  expect_failures = [var.log_retention_days]
}

run "memory_is_within_what_lambda_gives" {
  command = plan

  variables {
    memory_mb = 64
  }

  expect_failures = [var.memory_mb]
}

run "timeout_is_within_what_lambda_gives" {
  command = plan

  variables {
    timeout_seconds = 901
  }

  expect_failures = [var.timeout_seconds]
}

run "the_limit_is_at_least_one_request_a_second" {
  command = plan

  variables {
    requests_per_minute = 59
  }

  expect_failures = [var.requests_per_minute]
}

run "retries_are_a_count" {
  command = plan

  variables {
    max_retries = -1
  }

  expect_failures = [var.max_retries]
}

run "the_local_address_has_no_path" {
  command = plan

  variables {
    local_api_url = "http://127.0.0.1:4567/v1"
  }

  expect_failures = [var.local_api_url]
}

run "every_function_has_a_package" {
  command = plan

  variables {
    packages = {
      event-collector = { path = "./lambda.tf", digest = "1111111111111111111111111111111111111111111111111111111111111111" }
    }
  }

  expect_failures = [var.packages]
}

run "a_package_is_known_by_its_digest" {
  command = plan

  variables {
    packages = {
      event-collector = { path = "./lambda.tf", digest = "1" }
      realtime-api    = { path = "./lambda.tf", digest = "2" }
      stats-api       = { path = "./lambda.tf", digest = "3" }
      aggregator      = { path = "./lambda.tf", digest = "4" }
    }
  }

  expect_failures = [var.packages]
}
