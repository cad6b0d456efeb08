"""How late `liveinsight tail` shows an event: from its timestamp to its line on a pipe.

Run: python benchmarks/tail_lateness.py [--events 100] [--delay-ms 100]
Events are put into the groups of a stack one after the other, at random times, with the time of that moment as their
timestamp; CloudWatch Logs is benchmarks/support/log_server.py, which shows them at once and takes DELAY_MS for every
answer. The budget of requests is that for AWS. What CloudWatch itself takes until an event can be read comes on top.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.support.log_server import GROUPS
from benchmarks.tail import TOOL, served, variables_for, write_project


def put(url: str, group: str, message: str, at: float) -> None:
    """Write one event."""
    event = {"timestamp": int(at * 1000), "message": message}
    asked = {"logGroupName": group, "logStreamName": "s", "logEvents": [event]}
    request = urllib.request.Request(  # noqa: S310 - our own server
        url, json.dumps(asked).encode(), {"X-Amz-Target": "Logs_20140328.PutLogEvents"}
    )
    urllib.request.urlopen(request).close()  # noqa: S310


def write(url: str, events: int) -> None:
    """Write events, a busy second and a quiet one in turn."""
    chance = random.Random(11)  # noqa: S311 - the same times every run
    for number in range(events):
        time.sleep(chance.uniform(0, 0.4) if number // 10 % 2 else chance.uniform(0.5, 1.5))
        now = time.time()
        put(url, chance.choice(GROUPS), json.dumps({"message": f"sent {now:.3f}"}), now)


def main() -> None:
    """Print median, 95 % and the worst."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--delay-ms", type=float, default=100)
    options = parser.parse_args()
    late: list[float] = []
    with tempfile.TemporaryDirectory() as temporary, served(0, options.delay_ms) as url:
        write_project(Path(temporary))
        command = [*TOOL, "tail", "--env", "dev", "--since", "1m", "--json"]
        with subprocess.Popen(
            command, cwd=temporary, env=variables_for(url), stdout=subprocess.PIPE, text=True
        ) as process:
            time.sleep(5)
            threading.Thread(target=write, args=(url, options.events), daemon=True).start()
            for line in process.stdout or ():
                late.append(time.time() - float(json.loads(line)["message"].split()[1]))
                if len(late) == options.events:
                    break
            process.terminate()
    late.sort()
    print(
        f"{len(late)} events in {len(GROUPS)} groups: median {statistics.median(late):.2f} s, "
        f"95 % {late[int(len(late) * 0.95)]:.2f} s, worst {late[-1]:.2f} s"
    )


if __name__ == "__main__":
    main()
