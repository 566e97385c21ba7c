"""A folder of results that several calls fill one after the other: one at a time has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from SynthCore.errors import InputError
from SynthCore.staging import PREFIX, named

_LOCK = "lock"


@contextmanager
def one_call(out: Path, kept: str, own: Sequence[str], command: str) -> Iterator[None]:
    """Begin the folder, or go on in it; meanwhile no other call does.

    What a call that was ended by force left under temporary names goes. The system lets go of the
    lock of a process that ends, however it ends.

    Parameters
    ----------
    out : Path
        The folder; that nothing of anybody else lies in it is asked before.
    kept : str
        Folder in it that holds the lock, and what the command keeps for itself.
    own : sequence of str
        Files that show that a call came to something.
    command : str
        As a person calls it, for errors.

    Raises
    ------
    InputError
        If another call is at work there, or it cannot be written.
    ComputationError
        If the disk is full.
    """
    made = [path for path in (out, *out.absolute().parents) if not path.exists()]
    lock = FileLock(out / kept / _LOCK)
    try:
        (out / kept).mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"Another {command} is at work in {out.name}: wait for it.") from error
    except OSError as error:
        _leave_nothing(out, kept, own, made)
        raise named(error, out) from error
    try:
        for left in (*out.glob(f"{PREFIX}*"), *(out / kept).glob(f"{PREFIX}*")):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
        yield
    finally:
        lock.release()
        _leave_nothing(out, kept, own, made)


def _leave_nothing(out: Path, kept: str, own: Sequence[str], made: Sequence[Path]) -> None:
    """Remove the folders of a call that came to nothing; one that holds something stays."""
    with suppress(OSError):
        begun = any(path.name != _LOCK for path in (out / kept).iterdir())
        # a table without what is kept of its cases would be refused as somebody else's
        if begun or any((out / name).exists() for name in own):
            return
        (out / kept / _LOCK).unlink(missing_ok=True)
    for path in (out / kept, *made):
        with suppress(OSError):
            path.rmdir()
