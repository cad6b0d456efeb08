"""Finds in AWS what an interrupted apply created and could not write into the state: by name, and by our tags.

`FOUND_BY_NAME` holds how a type of resource is found, and the id by which Terraform imports it: what AWS refuses to
make twice, what it would make twice, and what a destroy would leave behind or would stop at. `MADE_AGAIN` holds the
others: making them once more does no harm, and they go with what they are part of. A test keeps the two complete.
"""

from collections.abc import Iterable, Mapping

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.orphans import api_gateway, cloudfront, functions, stores, surroundings
from liveinsight_cli.adapters.orphans.search import NotKnownYetError, Orphan, Rule, Search, Values
from liveinsight_cli.core.recovery import Creation, Found
from liveinsight_cli.errors import PreconditionError

METHOD = {"restApiId": "rest_api_id", "resourceId": "resource_id", "httpMethod": "http_method"}
RESPONSE = {**METHOD, "statusCode": "status_code"}
FOUND_BY_NAME: Mapping[str, Rule] = {
    "aws_acm_certificate": surroundings.certificate,
    # Put again, an integration would lose its responses.
    "aws_api_gateway_integration": api_gateway.part_of_api("get_integration", **METHOD),
    "aws_api_gateway_integration_response": api_gateway.part_of_api("get_integration_response", **RESPONSE),
    "aws_api_gateway_method": api_gateway.part_of_api("get_method", **METHOD),
    "aws_api_gateway_method_response": api_gateway.part_of_api("get_method_response", **RESPONSE),
    "aws_api_gateway_model": api_gateway.part_of_api("get_model", restApiId="rest_api_id", modelName="name"),
    "aws_api_gateway_request_validator": api_gateway.validator,
    "aws_api_gateway_resource": api_gateway.api_resource,
    "aws_api_gateway_rest_api": api_gateway.api,
    "aws_api_gateway_stage": api_gateway.part_of_api(
        "get_stage", restApiId="rest_api_id", stageName="stage_name"
    ),
    "aws_cloudfront_cache_policy": cloudfront.policy("list_cache_policies", "CachePolicy"),
    "aws_cloudfront_distribution": cloudfront.distribution,
    "aws_cloudfront_function": cloudfront.edge_function,
    "aws_cloudfront_key_value_store": cloudfront.edge_store,
    "aws_cloudfront_origin_access_control": cloudfront.access_control,
    "aws_cloudfront_response_headers_policy": cloudfront.policy(
        "list_response_headers_policies", "ResponseHeadersPolicy"
    ),
    "aws_cloudwatch_dashboard": stores.dashboard,
    # Put again, its ARN would be unknown, and the permission that names it be replaced.
    "aws_cloudwatch_event_rule": surroundings.rule,
    "aws_cloudwatch_event_target": surroundings.target,
    "aws_cloudwatch_log_group": stores.log_group,
    "aws_cloudwatch_metric_alarm": stores.metric_alarm,
    "aws_cloudwatch_query_definition": stores.query,
    "aws_dynamodb_table": stores.table,
    "aws_iam_role": surroundings.role,
    "aws_iam_role_policy": surroundings.role_policy,
    "aws_iam_role_policy_attachment": surroundings.attachment,
    "aws_kms_alias": surroundings.key_alias,
    "aws_kms_key": surroundings.key,
    "aws_lambda_alias": functions.alias,
    "aws_lambda_event_source_mapping": functions.mapping,
    "aws_lambda_function": functions.function,
    "aws_lambda_permission": functions.permission,
    "aws_route53_record": surroundings.record,
    "aws_s3_bucket": stores.bucket,
    "aws_sns_topic": surroundings.topic,
    "aws_sqs_queue": surroundings.queue,
    "aws_wafv2_web_acl": surroundings.firewall,
}
PUT = "a put, which writes over what is there; gone with its bucket, API or key"
CLAIM = "a rule of Terraform's own: nothing of it is in AWS"
MADE_AGAIN: Mapping[str, str] = {
    "aws_acm_certificate_validation": "waits, and makes nothing",
    "aws_api_gateway_account": "a setting",
    "aws_api_gateway_deployment": "a copy that nothing points to, gone with its API",
    "aws_api_gateway_gateway_response": PUT,
    "aws_api_gateway_method_settings": PUT,
    "aws_iam_role_policies_exclusive": CLAIM,
    "aws_iam_role_policy_attachments_exclusive": CLAIM,
    "aws_kms_key_policy": PUT,
    "aws_s3_bucket_lifecycle_configuration": PUT,
    "aws_s3_bucket_logging": PUT,
    "aws_s3_bucket_notification": PUT,
    "aws_s3_bucket_ownership_controls": PUT,
    "aws_s3_bucket_policy": PUT,
    "aws_s3_bucket_public_access_block": PUT,
    "aws_s3_bucket_server_side_encryption_configuration": PUT,
    "aws_s3_bucket_versioning": PUT,
    "aws_s3_object": PUT,
    "aws_sns_topic_subscription": "subscribed twice is subscribed once; gone with its topic",
    "aws_wafv2_web_acl_association": "a put; gone with the stage of the API",
}


def find(aws: Aws, creations: Iterable[Creation]) -> Found:
    """Return what exists; raises PreconditionError for what is somebody else's."""
    imports, hidden = {}, set()
    for creation in creations:
        rule, values = FOUND_BY_NAME.get(creation.type), Values(creation.values)
        if rule is None:
            continue
        try:
            orphan = rule(Search(aws.in_region(creation.region)), values)
        except NotKnownYetError:
            hidden.add(creation.address)
            continue
        if orphan is not None:
            if orphan.tags is not None and not values.are_tagged_as(orphan.tags):
                raise _not_ours(creation, orphan)
            imports[creation.address] = orphan.id
    return Found(imports, frozenset(hidden))


def _not_ours(creation: Creation, orphan: Orphan) -> PreconditionError:
    return PreconditionError(
        f"{creation.address} cannot be created: {orphan.id} is there already, and its tags are not those of this "
        "environment. Nothing was changed.",
        code="not_ours",
        hint="Somebody else made it. Remove it if nobody needs it, or give this environment names of its own: "
        "another `project` in liveinsight.toml.",
    )
