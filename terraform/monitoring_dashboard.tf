# The dashboard in CloudWatch: is it well? One screen of 24 by 15 units, without scrolling at 1080 lines.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.names.dashboard
  dashboard_body = jsonencode({
    start          = "-PT3H"
    periodOverride = "inherit"
    widgets        = local.widgets
  })
}

locals {
  # The free tier's dashboards have up to 50 metrics: these have 48.
  widgets = concat(
    [{
      type       = "alarm"
      x          = 0
      y          = 0
      width      = 24
      height     = 3
      properties = { title = "Alarms", alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn] }
    }],
    [for index, figure in local.dashboard_figures : {
      type       = "metric"
      x          = 12 * index
      y          = 3
      width      = 12
      height     = 2
      properties = merge({ region = var.region, view = "singleValue", period = local.period_seconds }, figure)
    }],
    [for index, graph in local.dashboard_graphs : {
      type   = "metric"
      x      = 6 * (index % 4)
      y      = 5 + 5 * floor(index / 4)
      width  = 6
      height = 5
      properties = merge(
        { region = var.region, view = "timeSeries", stat = "Sum", period = local.period_seconds, legend = { position = "bottom" } },
        graph,
      )
    }],
  )

  api_metric        = ["ApiName", local.names.rest_api, "Stage", local.stage_name]
  aggregator_metric = ["FunctionName", local.names.functions["aggregator"]]

  # Single numbers, two groups in a row.
  dashboard_figures = [
    {
      title                = "Traffic of the time shown"
      stat                 = "Sum"
      setPeriodToTimeRange = true
      metrics = [
        concat([local.own_namespace, "PageViews"], local.aggregator_metric, [{ label = "page views" }]),
        concat([local.own_namespace, "Sessions"], local.aggregator_metric, [{ label = "sessions" }]),
        concat([local.own_namespace, "Events"], local.aggregator_metric, [{ label = "events" }]),
        concat([local.own_namespace, "BotEvents"], local.aggregator_metric, [{ label = "events of bots" }]),
      ]
    },
    {
      title                = "Worst of the time shown"
      setPeriodToTimeRange = true
      metrics = [
        concat(["AWS/ApiGateway", "Latency"], local.api_metric, [{ label = "API p95, ms", stat = "p95" }]),
        concat([local.own_namespace, "Freshness"], local.aggregator_metric, [{ label = "events late by, ms", stat = "Maximum" }]),
      ]
    },
  ]

  # Graphs, four in a row.
  dashboard_graphs = [
    {
      title = "Requests"
      metrics = [
        concat(["AWS/ApiGateway", "Count"], local.api_metric, [{ label = "all", stat = "SampleCount" }]),
        concat(["AWS/ApiGateway", "4XXError"], local.api_metric, [{ label = "refused (4xx)" }]),
        concat(["AWS/ApiGateway", "5XXError"], local.api_metric, [{ label = "failed (5xx)" }]),
      ]
    },
    {
      title = "Refused and failed, % of requests"
      metrics = [
        concat(["AWS/ApiGateway", "4XXError"], local.api_metric, [{ label = "refused (4xx)", stat = "Average", id = "refused", visible = false }]),
        concat(["AWS/ApiGateway", "5XXError"], local.api_metric, [{ label = "failed (5xx)", stat = "Average", id = "failed", visible = false }]),
        [{ expression = "100 * refused", label = "refused (4xx)", id = "refused_percent" }],
        [{ expression = "100 * failed", label = "failed (5xx)", id = "failed_percent" }],
      ]
      yAxis       = { left = { min = 0 } }
      annotations = { horizontal = [{ label = "alarm", value = 10 }, { label = "goal", value = 1 }] }
    },
    {
      title = "Latency of the API, ms"
      metrics = [
        concat(["AWS/ApiGateway", "Latency"], local.api_metric, [{ label = "p50", stat = "p50" }]),
        concat(["AWS/ApiGateway", "Latency"], local.api_metric, [{ label = "p95", stat = "p95" }]),
        concat(["AWS/ApiGateway", "Latency"], local.api_metric, [{ label = "p99", stat = "p99" }]),
      ]
      yAxis       = { left = { min = 0 } }
      annotations = { horizontal = [{ label = "goal", value = 100 }] }
    },
    {
      title = "Duration of the functions, ms, p95"
      stat  = "p95"
      metrics = [
        for function, name in local.names.functions : ["AWS/Lambda", "Duration", "FunctionName", name, { label = function }]
      ]
      yAxis = { left = { min = 0 } }
    },
    {
      title = "Failures of the functions"
      metrics = concat(
        [for function, name in local.names.functions : ["AWS/Lambda", "Errors", "FunctionName", name, { label = "${function}, error" }]],
        [for function, name in local.names.functions : [local.own_namespace, "HandledFailures", "FunctionName", name, { label = "${function}, answered" }]],
        [for function, name in local.names.functions : ["AWS/Lambda", "Throttles", "FunctionName", name, { label = "${function}, throttled" }]],
      )
    },
    {
      title = "Cold starts"
      metrics = [
        for function, name in local.names.functions : [local.own_namespace, "ColdStarts", "FunctionName", name, { label = function }]
      ]
    },
    {
      title = "Units of the tables; throttles on the right"
      metrics = concat(
        [for table, name in local.names.tables : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", name, { label = "${table}, write" }]],
        [for table, name in local.names.tables : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", name, { label = "${table}, read" }]],
        [for function, name in local.names.functions : [local.own_namespace, "StorageThrottles", "FunctionName", name, { label = "${function}, throttled", yAxis = "right" }]],
      )
    },
    {
      title = "Behind, ms"
      stat  = "Maximum"
      metrics = [
        concat([local.own_namespace, "Freshness"], local.aggregator_metric, [{ label = "events, until they are in the figures" }]),
        concat(["AWS/Lambda", "IteratorAge"], local.aggregator_metric, [{ label = "the stream, until it is read" }]),
      ]
      yAxis       = { left = { min = 0 } }
      annotations = { horizontal = [{ label = "alarm", value = local.alarms["freshness"].threshold }] }
    },
  ]
}
