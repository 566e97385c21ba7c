"""``synthcore bench quality``: the table of every model on every real case, stored as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SynthCore.bench.quality.case import Row
from SynthCore.bench.quality.cases import find_cases
from SynthCore.bench.quality.page import write_case, write_index
from SynthCore.bench.quality.run import run
from SynthCore.bench.quality.table import as_json, as_text, store
from SynthCore.request import Progress


def table(
    data: Path, out: Path | None, progress: Progress, tasks: Sequence[str] = ()
) -> tuple[dict[str, Any], str]:
    """Every model of these tasks on every real case of theirs.

    Parameters
    ----------
    data : Path
        Folder of real images.
    out : Path or None
        Folder for ``quality.csv``, ``quality.json``, ``index.html`` and a page a case; all of
        them are brought up to date after every case.
    progress : callable
        Told the fraction done.
    tasks : sequence of str
        Of the catalogue; all that have cases, by default.

    Raises
    ------
    InputError
        If there are no cases.
    """
    rows: list[Row] = []
    pages: list[tuple[str, Path]] = []
    for done in run(find_cases(data, tasks), data, progress):
        rows += done.rows
        if out is not None:
            pages.append((f"{done.case.task}: {done.case.name}", write_case(done, out)))
            store(rows, out)
            write_index(rows, pages, out)
    return as_json(rows), as_text(rows)
