"""The origin secret and an own domain, as `deploy`, `status` and `outputs` deal with them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.world import World
from tests.conftest import CommandLine

RECORDS = [
    {
        "name": "_a.stats.example.com",
        "type": "CNAME",
        "value": "_b.acm-validations.aws",
        "purpose": "proves it",
    },
    {"name": "stats.example.com", "type": "CNAME", "value": "d123.cloudfront.net", "purpose": "leads there"},
]
OWN_TAGS = [
    {"Key": "Project", "Value": "liveinsight"},
    {"Key": "Environment", "Value": "local"},
    {"Key": "ManagedBy", "Value": "liveinsight"},
]


@pytest.fixture
def domain(project: Path) -> str:
    """A project with a domain and its DNS elsewhere."""
    (project / "liveinsight.toml").write_text('[env.local]\ndomain = "stats.example.com"\n')
    return "stats.example.com"


def variables(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((world.files / "stack" / "terraform.tfvars.json").read_text())
    return found


def secret(world: World) -> str:
    return (world.files / "origin-secret").read_text().strip()


def test_the_secret_goes_to_cloudfront_and_only_its_digest_to_terraform(
    liveinsight: CommandLine, world: World
) -> None:
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    digest = hashlib.sha256(secret(world).encode()).hexdigest()
    assert world.aws.pairs == {"origin-secret": secret(world), "origin-secret-sha256": digest}
    assert variables(world)["origin_secret_sha256"] == digest
    path = world.files / "origin-secret"
    assert path.stat().st_mode & 0o777 == 0o600
    for file in world.files.rglob("*"):
        if file.is_file() and file != path:
            assert secret(world).encode() not in file.read_bytes(), file
    assert secret(world) not in done.out + done.err


def test_the_secret_is_told_after_the_functions_that_know_it_are_in_service(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    (world.files / "origin-secret").unlink()
    world.aws.writes.clear()
    liveinsight("deploy", "--yes")
    assert world.aws.writes.index("update_keys") > world.aws.writes.index("update_alias")


def test_a_machine_without_the_secret_takes_the_deployed_one(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    known = secret(world)
    (world.files / "origin-secret").unlink()
    world.aws.has_store = True
    world.aws.writes.clear()
    world.will_not_change()
    done = liveinsight("deploy")
    assert (done.code, done.out.startswith("No changes.")) == (0, True), done.err
    assert (secret(world), world.aws.writes) == (known, [])


def test_a_secret_that_was_not_told_is_told_by_the_next_deploy(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    world.aws.pairs.clear()
    world.will_not_change()
    done = liveinsight("deploy", "--yes")
    assert "Left to do: tell CloudFront the origin secret." in done.err + done.out
    assert world.aws.pairs["origin-secret"] == secret(world)


def test_a_damaged_secret_is_said_so(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    (world.files / "origin-secret").write_text("cut")
    done = liveinsight("deploy", "--yes")
    assert done.code == 3
    assert "origin-secret is of no use" in done.err
    assert "Remove it" in done.err


def test_with_dns_elsewhere_the_records_to_set_are_shown(
    liveinsight: CommandLine, world: World, domain: str
) -> None:
    world.will_change(domain=domain, domain_attached=False, dns_records=RECORDS)
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert variables(world)["domain_ready"] is False
    for shown in (done.out, liveinsight("status").out, liveinsight("outputs").out):
        assert "_a.stats.example.com CNAME _b.acm-validations.aws" in shown
        assert "stats.example.com CNAME d123.cloudfront.net" in shown
    assert "deploy again" in done.out
    status = json.loads(liveinsight("status", "--json").out)["data"]
    assert status["domain"] == {"name": domain, "state": "waiting", "records": RECORDS}


@pytest.mark.parametrize(
    ("status", "name", "tags", "ready"),
    [
        ("ISSUED", "stats.example.com", OWN_TAGS, True),
        ("PENDING_VALIDATION", "stats.example.com", OWN_TAGS, False),
        ("ISSUED", "other.example.com", OWN_TAGS, False),
        ("ISSUED", "stats.example.com", [], False),
        ("ISSUED", "stats.example.com", [*OWN_TAGS, {"Key": "Environment", "Value": "prod"}], False),
    ],
)
def test_the_domain_is_ready_once_its_own_certificate_is_issued(
    liveinsight: CommandLine,
    world: World,
    domain: str,
    status: str,
    name: str,
    tags: list[dict[str, str]],
    ready: bool,
) -> None:
    world.aws.certificates = [{"CertificateArn": "arn:c", "DomainName": name, "Status": status}]
    world.aws.certificate_tags = {"arn:c": tags}
    assert liveinsight("plan").code in (0, 2)
    assert variables(world)["domain_ready"] is ready


def test_with_the_domain_in_use_pages_send_to_it(
    liveinsight: CommandLine, world: World, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveinsight_cli.adapters.domain._resolves", lambda _: False)
    url = f"https://{domain}"
    world.will_change(
        domain=domain, domain_attached=True, dns_records=[], cloudfront_url=url, public_api_url=url
    )
    done = liveinsight("deploy", "--yes")
    assert f'src="{url}/liveinsight.js" data-api="{url}"></script>' in done.out
    assert "does not resolve here yet" in done.out
    assert json.loads(world.aws.objects["config.json"])["apiUrl"] == url
    assert world.api.events, "the health check does not wait for the DNS"
    monkeypatch.setattr("liveinsight_cli.adapters.domain._resolves", lambda _: True)
    assert f"Domain {domain}" not in liveinsight("status").out


def test_an_environment_without_a_domain_says_nothing_of_one(liveinsight: CommandLine, world: World) -> None:
    done = liveinsight("deploy", "--yes")
    assert "omain" not in done.out
    assert json.loads(liveinsight("status", "--json").out)["data"]["domain"] is None
