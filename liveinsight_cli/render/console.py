"""rich's console, with one habit less."""

from rich.console import Console


class PipeAwareConsole(Console):
    """A console that leaves a closed pipe to the error boundary; rich itself would exit with 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
