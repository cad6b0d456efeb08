"""Entry of the background process: `python -m liveinsight_cli.local --project DIR [--port N]`."""

import argparse
import sys
from pathlib import Path

from liveinsight_cli.local.process import DEFAULT_REGION, EXIT_DATA_UNUSABLE, EXIT_PORT_IN_USE


def main() -> int:
    """Serve until SIGTERM; the exit code tells the parent when a port was taken or the data is damaged."""
    parser = argparse.ArgumentParser(prog="python -m liveinsight_cli.local")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--region", default=DEFAULT_REGION)
    arguments = parser.parse_args()

    from liveinsight_cli.local.moto_host import prepare_environment

    prepare_environment(arguments.region)  # before anything imports moto

    from liveinsight_cli.local.damage import DataUnusable
    from liveinsight_cli.local.ports import PortInUse
    from liveinsight_cli.local.server import serve

    try:
        serve(arguments.project, arguments.port, arguments.region)
    except PortInUse as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_PORT_IN_USE
    except DataUnusable as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_DATA_UNUSABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
