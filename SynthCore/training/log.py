"""The log of a run: one CSV file, a row every so many steps and at each look at validation data."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from SynthCore.staging import renewed

COLUMNS = ("stage", "step", "lr", "loss", "seconds")


class Log:
    """A CSV file with one row a call; the first look at validation data adds its columns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, row: Mapping[str, Any]) -> None:
        """Append a row; columns that are new are added to the file."""
        rows, columns = self._read()
        new = [name for name in row if name not in columns]
        text = {k: f"{v:.6g}" if isinstance(v, float) else str(v) for k, v in row.items()}
        if not new and rows:
            with self.path.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, columns).writerow(text)
            return
        self._replace([*rows, text], [*columns, *new])

    def rewind(self, stage: int, step: int) -> None:
        """Take away what comes after a step: a run goes on from there, or begins anew."""
        rows, columns = self._read()
        kept = [row for row in rows if (int(row["stage"]), int(row["step"])) <= (stage, step)]
        if len(kept) < len(rows):
            self._replace(kept, columns)

    def _read(self) -> tuple[list[dict[str, str]], list[str]]:
        if not self.path.exists():
            return [], list(COLUMNS)
        with self.path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            return list(reader), list(reader.fieldnames or COLUMNS)

    def _replace(self, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
        with renewed(self.path) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
