"""Writes docs/terraform.md from the HCL itself; `--check` only compares (a test runs that)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
from hcl2 import SerializationOptions

PAGE = Path(__file__).with_name("terraform.md")
STACK = PAGE.parent.parent / "terraform"

INTRODUCTION = """\
# Terraform

Generated from `terraform/` by `make docs`; do not edit.

The command line copies `terraform/` to `.liveinsight/<env>/stack/`, writes `terraform.tfvars.json` and the backend
beside it, and runs terraform there: nothing below has to be typed by hand. The same files describe an account of AWS
and the embedded AWS; what the latter leaves out is in [embedded-aws-limits.md](embedded-aws-limits.md).

## Worth knowing

- **Callers use the alias `live`.** Every deploy publishes a version; Terraform puts the alias on the first one and
  ignores it from then on. The command line moves it, so a rollback leaves the next plan empty.
- **Throttles add up.** API Gateway limits each method by itself and by the second. `requests_per_minute / 60` is
  shared out: 70 % to `POST /api/events`, 12 % to `GET /api/realtime`, 6 % to `GET /api/stats`, 3 % to the preflights
  and 1 % to the wrong methods of each path. A burst may take ten seconds' worth at once. All callers share these.
- **A wrong method is a 405.** API Gateway itself would say 403, so each path has an `ANY` method that answers 405 with
  an `Allow` header. A body of a media type that no template covers gets 415 instead. An unknown path is a 404.
- **CORS has two halves.** What API Gateway answers itself (preflights, 404, 405, 413, 429, 5xx) is the same for
  everybody and says `Access-Control-Allow-Origin: *`. The functions name the caller's origin only when it is in
  `allowed_origins`, refuse events from any other, and the dashboard's own origin is added to a list by itself.
- **The API is edge-optimised.** CloudFront's edge adds `CloudFront-Viewer-Country` to every request and replaces what a
  caller claims: that is where countries come from. A regional API would know none. The embedded AWS has no edge: it
  passes the header on as it came, which is how a demo sent through the API has countries there (and only there).
- **`/api/*` goes through two CloudFronts**, ours and the API's own, which replaces country and address by those of our
  machine. So a function (`edge_function.js`) sends the visitor's along under other names, with a secret from a key
  value store that Terraform makes and the command line fills: the state holds the secret's digest only.
- **No address is logged.** The access log has neither the caller's address nor the user agent.
- **One CloudWatch role per account and region.** API Gateway has a single setting for it, so it is no part of the stack
  but one of its own, `account/`, with its own state. The first deploy that finds no role applies it
  ([0015](decisions/0015-account-part.md)).
- **Buckets empty themselves** when they are destroyed: they hold zips and copies of the dashboard. The tables of a
  `protected` environment refuse to be destroyed by anybody but `liveinsight destroy`, which asks for the environment's
  name and takes the protection off first.

"""


def blocks(name: str, kind: str, directory: Path = STACK) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and content of every block of one kind in a file of the stack."""
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    with (directory / name).open(encoding="utf-8") as file:
        for block in hcl2.load(file, serialization_options=options)[kind]:
            yield from block.items()


def files() -> Iterator[str]:
    """Yield a row for every file: what its first comment says."""
    for path in sorted(STACK.glob("*.tf")):
        lines = path.read_text(encoding="utf-8").splitlines()
        comment = " ".join(line.removeprefix("#").strip() for line in _leading(lines))
        yield f"| `{path.name}` | {comment} |"


def inputs(directory: Path = STACK) -> Iterator[str]:
    """Yield a row for every variable: type, default, meaning and the rules it must keep."""
    for name, variable in blocks("variables.tf", "variable", directory):
        default = f"`{json.dumps(variable['default'])}`" if "default" in variable else "required"
        rules = " ".join(rule["error_message"] for rule in variable.get("validation", []))
        kind = variable["type"].removeprefix("${").removesuffix("}")
        yield f"| `{name}` | `{kind}` | {default} | {variable['description']} | {rules} |"


def outputs(directory: Path = STACK) -> Iterator[str]:
    """Yield a row for every output."""
    for name, output in blocks("outputs.tf", "output", directory):
        yield f"| `{name}` | {output['description']} |"


def page() -> str:
    """The whole page."""
    return INTRODUCTION + "\n".join(
        [
            "## Files\n\n| file | what is in it |\n|---|---|",
            *files(),
            "\n## Inputs\n\n| variable | type | default | meaning | rule |\n|---|---|---|---|---|",
            *inputs(),
            "\n## Outputs\n\n| output | meaning |\n|---|---|",
            *outputs(),
            "\n## The account-wide part: inputs\n",
            "| variable | type | default | meaning | rule |\n|---|---|---|---|---|",
            *inputs(STACK / "account"),
            "\n## The account-wide part: outputs\n\n| output | meaning |\n|---|---|",
            *outputs(STACK / "account"),
            "",
        ]
    )


def _leading(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#"):
            return
        yield line


def main() -> int:
    """Write the page, or with `--check` say whether it is current."""
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    sys.stderr.write("docs/terraform.md is not current: run `make docs`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
