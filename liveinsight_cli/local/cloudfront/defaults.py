"""What CloudFront adds to a distribution's configuration: it always answers with every container, empty or not."""

from typing import Any

Config = dict[str, Any]

DISTRIBUTION: Config = {
    "Aliases": {"Quantity": 0},
    "DefaultRootObject": "",
    "OriginGroups": {"Quantity": 0},
    "CacheBehaviors": {"Quantity": 0},
    "CustomErrorResponses": {"Quantity": 0},
    "Comment": "",
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    },
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": False,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
ORIGIN: Config = {
    "OriginPath": "",
    "CustomHeaders": {"Quantity": 0},
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
BEHAVIOUR: Config = {
    "TrustedSigners": {"Enabled": False, "Quantity": 0},
    "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
    "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": {"Quantity": 0},
    "FunctionAssociations": {"Quantity": 0},
    "FieldLevelEncryptionId": "",
    "GrpcConfig": {"Enabled": False},
}
CACHED_METHODS: Config = {"Quantity": 2, "Items": ["HEAD", "GET"]}


def completed(config: Config) -> Config:
    """Return a distribution's configuration as CloudFront answers it."""
    full = {**DISTRIBUTION, **config}
    full["Origins"] = _each(config["Origins"], ORIGIN)
    full["DefaultCacheBehavior"] = _behaviour(config["DefaultCacheBehavior"])
    behaviours = full["CacheBehaviors"]
    items = [_behaviour(behaviour) for behaviour in behaviours.get("Items") or []]
    full["CacheBehaviors"] = {"Quantity": len(items), "Items": items}
    return full


def _each(container: Config, defaults: Config) -> Config:
    items = [{**defaults, **item} for item in container.get("Items") or []]
    return {**container, "Items": items}


def _behaviour(behaviour: Config) -> Config:
    full = {**BEHAVIOUR, **behaviour}
    full["AllowedMethods"] = {"CachedMethods": CACHED_METHODS, **full["AllowedMethods"]}
    return full
