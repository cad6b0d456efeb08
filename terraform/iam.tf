# What each function may do: exact actions on exact ARNs, one role per function (modules/function
# makes it and adds the function's own log group). lambdas/<function>/store.py makes these calls;
# kms.tf adds what the environment's key takes.

locals {
  # Function to what it may do, each entry a list of actions on a list of ARNs.
  permissions = {
    event-collector = [
      { actions = ["dynamodb:BatchWriteItem"], resources = [local.table_arns.events] },
      { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.table_arns.state] },
    ]

    aggregator = concat(
      [
        {
          actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
          resources = [aws_dynamodb_table.events.stream_arn]
        },
        # Listing streams cannot be narrowed to one stream.
        { actions = ["dynamodb:ListStreams"], resources = ["*"] },
        { actions = ["dynamodb:UpdateItem"], resources = [local.table_arns.sessions] },
        { actions = ["dynamodb:Query"], resources = [local.index_arns.sessions] },
        {
          actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
          resources = [local.table_arns.state]
        },
      ],
      [for queue in aws_sqs_queue.aggregator_failures : { actions = ["sqs:SendMessage"], resources = [queue.arn] }],
    )

    realtime-api = [
      { actions = ["dynamodb:Query"], resources = [local.index_arns.events, local.index_arns.sessions, local.table_arns.state] },
    ]

    stats-api = [
      { actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = [local.table_arns.state] },
    ]
  }

  # X-Ray knows no resources to narrow this to.
  trace_permissions = [
    for actions in [["xray:PutTelemetryRecords", "xray:PutTraceSegments"]] :
    { actions = actions, resources = ["*"] } if var.detailed_monitoring
  ]

  table_arns = { for name, table in local.tables : name => table.arn }
  index_arns = { for name, index in local.indexes : name => "${local.tables[name].arn}/index/${index}" }
}

# API Gateway writes its logs through one role per account and region, so several environments in
# one account must leave it to one of them, or to a stack of its own.
resource "aws_api_gateway_account" "this" {
  count = var.manage_api_gateway_account ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.api_gateway_logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.api_gateway_logs]
}

resource "aws_iam_role" "api_gateway_logs" {
  count = var.manage_api_gateway_account ? 1 : 0

  name        = local.names.api_gateway_logs
  description = "Lets API Gateway write its logs in this account and region."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

# AWS's own policy for this: API Gateway refuses a role that may do less.
resource "aws_iam_role_policy_attachment" "api_gateway_logs" {
  count = var.manage_api_gateway_account ? 1 : 0

  role       = aws_iam_role.api_gateway_logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
