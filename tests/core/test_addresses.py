"""Addresses: readable where they are shown, as browsers send them where they are asked for."""

import pytest

from liveinsight_cli.core.addresses import FILTERS, LISTS, encoded, readable
from liveinsight_cli.core.stats_dimensions import dimension
from liveinsight_cli.core.stats_filters import FILTERS as ALL_FILTERS


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("/%EB%B8%94%EB%A1%9c%EA%B7%B8/caf%C3%A9/%F0%9F%98%80", "/블로그/café/😀"),
        ("/a%20b%2Fc%3F%25", "/a%20b%2Fc%3F%25"),
        ("/%EB%B8%94%EB%A1", "/블%EB%A1"),  # cut amid a character
        ("/%C0%AF%ED%A0%80%ff%", "/%C0%AF%ED%A0%80%ff%"),  # no UTF-8
        ("/%E2%80%AE%C2%A0", "/%E2%80%AE%C2%A0"),  # turns the text, and a blank
    ],
)
def test_only_what_can_be_read_is_decoded(sent: str, shown: str) -> None:
    assert readable(sent) == shown
    assert encoded(shown).lower() == sent.lower()


def test_filters_by_address_are_those_of_lists_of_addresses() -> None:
    assert set(ALL_FILTERS) >= FILTERS
    assert {dimension(name) for name in FILTERS} == LISTS
