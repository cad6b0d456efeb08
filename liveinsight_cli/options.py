"""Options of the command line that several commands share."""

from typing import Annotated

import typer

Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="ENV", help="With --yes: the name of a protected environment."),
]
