"""What a command prints: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from SynthCore.request import Progress

NOT_CLEARED = "Research software: not cleared for clinical use."


def print_json(data: Mapping[str, Any]) -> None:
    """One object on stdout, as RFC 8259 has it (no NaN)."""
    sys.stdout.write(json.dumps(_finite(data), ensure_ascii=True, allow_nan=False) + "\n")


def say(text: str) -> None:
    """A line on stdout."""
    sys.stdout.write(_printable(text) + "\n")


def note(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(_printable(text) + "\n")


def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A table on stdout."""
    from rich.console import Console
    from rich.table import Table

    made = Table(title=title, title_justify="left")
    for column in columns:
        made.add_column(column)
    for row in rows:
        made.add_row(*row)
    width = None if sys.stdout.isatty() else 140
    # cells hold what cards say: text, not markup
    Console(file=sys.stdout, width=width, markup=False, emoji=False).print(made)


class Bar:
    """How far the work is, as `SynthCore.request.Progress`; `whole` is false where it broke off."""

    def __init__(self, show: Progress) -> None:
        self._show = show
        self.whole = True

    def __call__(self, fraction: float, stage: str) -> None:
        """Show it."""
        self._show(fraction, stage)

    def broke_off(self, fraction: float, stage: str) -> None:
        """Let it end there instead of at 100%."""
        self._show(fraction, stage)
        self.whole = False


@contextmanager
def progress_bar(title: str) -> Iterator[Bar]:
    """A progress bar with the time left on stderr."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=False,
    )
    with bar:
        task = bar.add_task(title, total=1.0)

        def report(fraction: float, stage: str) -> None:
            bar.update(task, completed=fraction, description=f"{title}: {stage}")

        made = Bar(report)
        try:
            yield made
        except BaseException:
            bar.live.transient = True  # what is said next is not under a bar that stands still
            raise
        if made.whole:
            bar.update(task, completed=1.0, description=f"{title}: done")


def _printable(text: str) -> str:
    """The text without control characters: a card or a file name moves no cursor."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def _finite(value: Any) -> Any:
    if (isinstance(value, float) and value != value) or value in (float("inf"), float("-inf")):
        return None
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value
