"""The first thing that runs in a worker process. Started with `python -P -S -s`; imports nothing of this project.

Arguments: the descriptor of a pipe that ends when the server does, then `ric` or `shim`.
"""

import importlib.util
import os
import sys
import threading


def _end_with_server(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os._exit(0)


def _shim() -> object:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim.py")  # noqa: PTH100, PTH118, PTH120 (start-up time)
    spec = importlib.util.spec_from_file_location("_lambda_runtime_shim", path)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def main() -> None:
    """Watch for the end of the server, then become the runtime."""
    descriptor, runtime = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(descriptor, False)
    threading.Thread(target=_end_with_server, args=(descriptor,), daemon=True).start()
    handler = os.environ["_HANDLER"]
    sys.argv = ["bootstrap", handler]
    if runtime == "ric":
        from awslambdaric.__main__ import main as run

        run(sys.argv)  # type: ignore[no-untyped-call]
    else:
        _shim().run(handler)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
