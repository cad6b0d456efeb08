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
        { actions = ["dynamodb:Query"], resources = [local.index_arns.events, local.index_arns.sessions] },
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
      { actions = ["dynamodb:Query"], resources = [local.index_arns.events, local.table_arns.events] },
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

# API Gateway's CloudWatch role was part of this stack once, and is part of terraform/account now, as an
# account has one per region: states of earlier versions forget it, and it stays as it is.

removed {
  from = aws_api_gateway_account.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_iam_role.api_gateway_logs

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_iam_role_policy.api_gateway_logs

  lifecycle {
    destroy = false
  }
}
