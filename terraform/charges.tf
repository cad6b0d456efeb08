# The alarm on what the whole account is about to be billed. AWS says so in us-east-1 only, some times
# a day, once the account's billing preferences ask for it; an alarm reaches topics of its region only.

locals {
  has_charges_alarm = var.charges_alarm_usd != null
}

resource "aws_sns_topic" "charges" {
  count    = local.has_charges_alarm ? 1 : 0
  provider = aws.us_east_1

  name              = local.names.charges
  kms_master_key_id = one(aws_kms_key.charges[*].arn)
}

resource "aws_sns_topic_subscription" "charges_email" {
  count    = local.has_charges_alarm && var.alarm_email != null ? 1 : 0
  provider = aws.us_east_1

  topic_arn = aws_sns_topic.charges[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "charges" {
  count    = local.has_charges_alarm ? 1 : 0
  provider = aws.us_east_1

  alarm_name        = local.names.charges
  alarm_description = "The account's charges of this month are estimated at $${var.charges_alarm_usd} or more, of all that runs in it."

  namespace   = "AWS/Billing"
  metric_name = "EstimatedCharges"
  dimensions  = { Currency = "USD" }
  statistic   = "Maximum"
  period      = 6 * 3600

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.charges_alarm_usd
  evaluation_periods  = 1
  treat_missing_data  = "ignore" # between two estimates nothing is known, so nothing has changed

  alarm_actions = [aws_sns_topic.charges[0].arn]
  ok_actions    = [aws_sns_topic.charges[0].arn]
}
