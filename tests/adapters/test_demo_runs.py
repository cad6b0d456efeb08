"""A purge knows the functions' keys: the two are written down twice, and held together here."""

from liveinsight_cli.adapters.demo_runs import partitions_of, site_key, visit_log_key
from shared import keys

SITE = "demo.example"


def test_a_purge_reaches_every_partition_that_belongs_to_a_site() -> None:
    partitions = {
        keys.visitor(SITE, "hash").pk,
        keys.visitor(SITE, "hash", is_bot=True).pk,
        keys.own_session(SITE, "session").pk,
        keys.hour_blocks(SITE, "2026-11-23"),
        keys.day_blocks(SITE, "2026-11"),
        keys.visit_log_hour(SITE, 0, 0).pk,
    }
    assert {partition.rpartition("#")[0] + "#" for partition in partitions} == set(partitions_of(SITE))


def test_a_site_is_registered_under_the_functions_key() -> None:
    assert site_key(SITE) == keys.site(SITE).attributes()
    assert visit_log_key(SITE) == keys.visit_log_site(SITE).attributes()
