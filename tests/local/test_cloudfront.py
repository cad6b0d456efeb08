"""CloudFront: what was written is read back in AWS's shape, and a distribution serves its bucket with its headers."""

import gzip
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from .conftest import Running

PAGE = b"<!doctype html><title>LiveInsight</title>" + b"<p>visitors</p>" * 200
POLICY = "default-src 'none'; script-src 'self'"


@pytest.fixture(scope="module")
def site(running: Running) -> dict[str, Any]:
    """A private bucket behind a distribution, as the stack makes them."""
    cloudfront, s3 = running.client("cloudfront"), running.client("s3")
    s3.create_bucket(Bucket="site", CreateBucketConfiguration={"LocationConstraint": running.server.region})
    s3.put_object(
        Bucket="site", Key="index.html", Body=PAGE, ContentType="text/html", CacheControl="no-cache"
    )
    s3.put_object(Bucket="site", Key="app.js", Body=b"1", ContentType="text/javascript")
    s3.put_object(Bucket="site", Key="lost.html", Body=b"<p>lost</p>", ContentType="text/html")
    policy = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers_policy())
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "site",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    config = distribution_config(control["OriginAccessControl"]["Id"], policy["ResponseHeadersPolicy"]["Id"])
    tags = {"Items": [{"Key": "Project", "Value": "liveinsight"}]}
    created = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": tags}
    )
    distribution = created["Distribution"]
    allow(running, distribution["ARN"], ["s3:GetObject", "s3:ListBucket"])
    return {
        "config": config,
        "distribution": distribution,
        "policy": policy["ResponseHeadersPolicy"]["Id"],
        "control": control["OriginAccessControl"]["Id"],
    }


def test_a_distribution_reads_back_as_it_was_written(running: Running, site: dict[str, Any]) -> None:
    answered = running.client("cloudfront").get_distribution(Id=site["distribution"]["Id"])
    distribution = answered["Distribution"]
    assert distribution["Status"] == "Deployed"
    assert distribution["DomainName"].startswith("127.0.0.1:")
    assert contains(distribution["DistributionConfig"], site["config"])
    # The containers that AWS always answers with, though nobody wrote them.
    assert distribution["DistributionConfig"]["OriginGroups"] == {"Quantity": 0}
    assert distribution["DistributionConfig"]["DefaultCacheBehavior"]["FunctionAssociations"] == {
        "Quantity": 0
    }


def test_tags_are_kept_changed_and_removed(running: Running, site: dict[str, Any]) -> None:
    cloudfront, arn = running.client("cloudfront"), site["distribution"]["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "More", "Value": "1"}]})
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["Project"]})
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [{"Key": "More", "Value": "1"}]


def test_a_write_needs_the_newest_etag(running: Running, site: dict[str, Any]) -> None:
    cloudfront, id_ = running.client("cloudfront"), site["distribution"]["Id"]
    read = cloudfront.get_distribution_config(Id=id_)
    changed = {**read["DistributionConfig"], "Comment": "changed"}
    updated = cloudfront.update_distribution(Id=id_, IfMatch=read["ETag"], DistributionConfig=changed)
    assert updated["ETag"] != read["ETag"]
    assert code_of(
        lambda: cloudfront.update_distribution(Id=id_, IfMatch=read["ETag"], DistributionConfig=changed)
    ) == ("PreconditionFailed", 412)


def test_what_is_in_use_cannot_be_deleted(running: Running, site: dict[str, Any]) -> None:
    cloudfront = running.client("cloudfront")
    etag = cloudfront.get_response_headers_policy(Id=site["policy"])["ETag"]
    assert code_of(lambda: cloudfront.delete_response_headers_policy(Id=site["policy"], IfMatch=etag)) == (
        "ResponseHeadersPolicyInUse",
        409,
    )
    etag = cloudfront.get_distribution(Id=site["distribution"]["Id"])["ETag"]
    assert code_of(lambda: cloudfront.delete_distribution(Id=site["distribution"]["Id"], IfMatch=etag)) == (
        "DistributionNotDisabled",
        409,
    )


def test_what_is_not_there_is_a_404(running: Running) -> None:
    cloudfront = running.client("cloudfront")
    assert code_of(lambda: cloudfront.get_distribution(Id="E0")) == ("NoSuchDistribution", 404)
    assert code_of(lambda: cloudfront.get_cache_policy(Id="none")) == ("NoSuchCachePolicy", 404)


def test_functions_have_a_development_and_a_live_stage(running: Running) -> None:
    cloudfront = running.client("cloudfront")
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    made = cloudfront.create_function(Name="rewrite", FunctionConfig=config, FunctionCode=b"first")
    assert code_of(lambda: cloudfront.describe_function(Name="rewrite", Stage="LIVE")) == (
        "NoSuchFunctionExists",
        404,
    )
    cloudfront.publish_function(Name="rewrite", IfMatch=made["ETag"])
    etag = cloudfront.describe_function(Name="rewrite")["ETag"]
    cloudfront.update_function(Name="rewrite", IfMatch=etag, FunctionConfig=config, FunctionCode=b"second")
    assert cloudfront.get_function(Name="rewrite", Stage="LIVE")["FunctionCode"].read() == b"first"
    assert cloudfront.get_function(Name="rewrite")["FunctionCode"].read() == b"second"


def test_invalidations_are_done_at_once(running: Running, site: dict[str, Any]) -> None:
    cloudfront, id_ = running.client("cloudfront"), site["distribution"]["Id"]
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "1"}
    made = cloudfront.create_invalidation(DistributionId=id_, InvalidationBatch=batch)["Invalidation"]
    read = cloudfront.get_invalidation(DistributionId=id_, Id=made["Id"])["Invalidation"]
    assert (read["Status"], read["InvalidationBatch"]) == ("Completed", batch)


def test_the_root_is_the_default_object_with_the_deployed_headers(site: dict[str, Any]) -> None:
    status, headers, body = get(site, "/")
    assert (status, body) == (200, PAGE)
    assert headers["content-type"] == "text/html"
    assert headers["cache-control"] == "no-cache"
    assert headers["content-security-policy"] == POLICY
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["permissions-policy"] == "camera=()"


def test_large_text_is_compressed_for_those_who_take_it(site: dict[str, Any]) -> None:
    _, headers, body = get(site, "/index.html", {"Accept-Encoding": "gzip, br"})
    assert headers["content-encoding"] == "gzip"
    assert headers["etag"].startswith('W/"')
    assert gzip.decompress(body) == PAGE
    _, headers, body = get(site, "/app.js", {"Accept-Encoding": "gzip"})
    assert ("content-encoding" not in headers, body) == (True, b"1")


def test_an_unchanged_object_is_not_sent_again(site: dict[str, Any]) -> None:
    for accepted in ({}, {"Accept-Encoding": "gzip"}):
        _, first, _ = get(site, "/", accepted)
        status, headers, body = get(site, "/", {**accepted, "If-None-Match": first["etag"]})
        assert (status, body, headers["etag"]) == (304, b"", first["etag"])
        assert headers["content-security-policy"] == POLICY
    assert get(site, "/", {"If-Modified-Since": first["last-modified"]})[0] == 304
    assert get(site, "/", {"If-None-Match": '"other"'})[0] == 200


def test_head_has_the_length_and_no_body(site: dict[str, Any]) -> None:
    status, headers, body = get(site, "/", method="HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(PAGE)), b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(site: dict[str, Any], method: str) -> None:
    assert get(site, "/", method=method)[0] == 403


def test_a_missing_object_is_the_error_page(site: dict[str, Any]) -> None:
    status, headers, body = get(site, "/nothing/here")
    assert (status, body) == (404, b"<p>lost</p>")
    assert headers["content-security-policy"] == POLICY


def test_files_are_kept_until_they_are_invalidated(running: Running, site: dict[str, Any]) -> None:
    s3 = running.client("s3")
    changed = {"Bucket": "site", "Key": "kept.js", "ContentType": "text/javascript"}
    s3.put_object(**changed, Body=b"1", CacheControl="max-age=300")
    assert get(site, "/kept.js")[1]["x-cache"] == "Miss from cloudfront"
    s3.put_object(**changed, Body=b"2", CacheControl="max-age=300")
    _, headers, body = get(site, "/kept.js?v=2")
    assert (headers["x-cache"], body) == ("Hit from cloudfront", b"1")
    assert int(headers["age"]) < 300
    forget(running, site, "/kept.js")
    assert get(site, "/kept.js")[2] == b"2"


def test_a_policy_for_another_distribution_opens_nothing(running: Running, site: dict[str, Any]) -> None:
    allow(running, site["distribution"]["ARN"] + "0", ["s3:GetObject"])
    forget(running, site, "/*")
    try:
        assert get(site, "/")[0] == 403
    finally:
        allow(running, site["distribution"]["ARN"], ["s3:GetObject", "s3:ListBucket"])


def test_deletion_closes_the_port(running: Running, site: dict[str, Any]) -> None:
    cloudfront, s3 = running.client("cloudfront"), running.client("s3")
    config = {**site["config"], "CallerReference": "short-lived", "Enabled": False}
    made = cloudfront.create_distribution(DistributionConfig=config)
    distribution = made["Distribution"]
    short_lived = {"distribution": distribution}
    assert get(short_lived, "/")[0] == 403, "it is disabled"
    cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=made["ETag"])
    with pytest.raises(ConnectionRefusedError):
        get(short_lived, "/")
    assert s3.head_object(Bucket="site", Key="index.html")


def headers_policy() -> dict[str, Any]:
    return {
        "Name": "site",
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": POLICY},
            "ContentTypeOptions": {"Override": True},
            "FrameOptions": {"Override": True, "FrameOption": "DENY"},
            "StrictTransportSecurity": {
                "Override": True,
                "AccessControlMaxAgeSec": 31536000,
                "IncludeSubdomains": True,
            },
        },
        "CustomHeadersConfig": {
            "Quantity": 1,
            "Items": [{"Header": "Permissions-Policy", "Value": "camera=()", "Override": True}],
        },
    }


def distribution_config(control: str, policy: str) -> dict[str, Any]:
    return {
        "CallerReference": "test",
        "Comment": "site",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "site",
                    "DomainName": "site.s3.ap-northeast-2.amazonaws.com",
                    "OriginAccessControlId": control,
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "Compress": True,
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "ResponseHeadersPolicyId": policy,
        },
        "CustomErrorResponses": {
            "Quantity": 1,
            "Items": [
                {
                    "ErrorCode": 404,
                    "ResponsePagePath": "/lost.html",
                    "ResponseCode": "404",
                    "ErrorCachingMinTTL": 10,
                }
            ],
        },
    }


def allow(running: Running, distribution_arn: str, actions: list[str]) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": actions,
        "Resource": ["arn:aws:s3:::site", "arn:aws:s3:::site/*"],
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution_arn}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    running.client("s3").put_bucket_policy(Bucket="site", Policy=policy)


def forget(running: Running, site: dict[str, Any], path: str) -> None:
    batch = {"Paths": {"Quantity": 1, "Items": [path]}, "CallerReference": path}
    running.client("cloudfront").create_invalidation(
        DistributionId=site["distribution"]["Id"], InvalidationBatch=batch
    )


def get(
    site: dict[str, Any], path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    address = urlsplit("//" + site["distribution"]["DomainName"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def code_of(call: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def contains(whole: Any, part: Any) -> bool:
    """Tell whether everything in `part` is in `whole`, at every depth."""
    if isinstance(part, dict):
        return all(name in whole and contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)
