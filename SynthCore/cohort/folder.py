"""The output folder of a batch: begun once, used by one call at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from SynthCore.cohort.kept import KEPT
from SynthCore.cohort.pages import OWN_FILES
from SynthCore.files.one_call import one_call
from SynthCore.staging import refuse_existing


@contextmanager
def opened(out: Path) -> Iterator[None]:
    """Begin the folder, or go on in it; meanwhile no other call does.

    Raises
    ------
    InputError
        If another call is at work there, files of its names are no batch's, or it cannot be
        written.
    ComputationError
        If the disk is full.
    """
    if not (out / KEPT).is_dir():
        refuse_existing(out, OWN_FILES)
    with one_call(out, KEPT, OWN_FILES, "batch"):
        yield
