"""How much memory a process has used at most."""

from pathlib import Path

import psutil


def peak_megabytes(pid: int) -> int:
    """The peak of its resident memory, rounded up (the present value where no peak is kept); 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return -(-int(peak.split()[1]) // 1024)
    except (OSError, StopIteration):
        try:
            return -(-int(psutil.Process(pid).memory_info().rss) // (1 << 20))
        except psutil.Error:
            return 0
