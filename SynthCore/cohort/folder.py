"""The output folder of a batch: begun once, used by one call at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from SynthCore.cohort.kept import KEPT
from SynthCore.cohort.pages import OWN_FILES
from SynthCore.errors import InputError
from SynthCore.staging import PREFIX, named, refuse_existing

_LOCK = "lock"


@contextmanager
def opened(out: Path) -> Iterator[None]:
    """Begin the folder, or go on in it; meanwhile no other call does.

    What a call that was ended by force left under temporary names goes. The system lets go of the
    lock of a process that ends, however it ends.

    Raises
    ------
    InputError
        If another call is at work there, files of its names are no batch's, or it cannot be
        written.
    ComputationError
        If the disk is full.
    """
    kept = out / KEPT
    if not kept.is_dir():
        refuse_existing(out, OWN_FILES)
    made = [path for path in (out, *out.absolute().parents) if not path.exists()]
    lock = FileLock(kept / _LOCK)
    try:
        kept.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"Another batch is at work in {out.name}: wait for it.") from error
    except OSError as error:
        _leave_nothing(out, made)
        raise named(error, out) from error
    try:
        for left in (*out.glob(f"{PREFIX}*"), *kept.glob(f"{PREFIX}*")):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
        yield
    finally:
        lock.release()
        _leave_nothing(out, made)


def _leave_nothing(out: Path, made: list[Path]) -> None:
    """Remove the folders of a call that came to nothing; one that holds something stays."""
    kept = out / KEPT
    with suppress(OSError):
        begun = any(path.name != _LOCK for path in kept.iterdir())
        # a table without what is kept of its cases would be refused as somebody else's
        if begun or any((out / name).exists() for name in OWN_FILES):
            return
        (kept / _LOCK).unlink(missing_ok=True)
    for path in (kept, *made):
        with suppress(OSError):
            path.rmdir()
