"""An environment's domain for people: its state, and the records to set, which are never broken over lines."""

from rich.text import Text

from liveinsight_cli.core.domain import DomainStatus


def domain_lines(domain: DomainStatus | None) -> list[Text]:
    """Return the lines about a domain; none when there is nothing to do about it."""
    if domain is None or domain.next_step is None:
        return []
    lines = [Text(), Text(f"Domain {domain.name}", style="bold"), Text(f"  {domain.next_step}")]
    for record in domain.records:
        lines += [Text(f"  {record.name} {record.type} {record.value}"), Text(f"    {record.purpose}", "dim")]
    return lines
