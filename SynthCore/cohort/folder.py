"""The output folder of a batch: begun once, used by one call at a time."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from SynthCore.cohort.kept import KEPT
from SynthCore.cohort.pages import OWN_FILES
from SynthCore.errors import InputError
from SynthCore.staging import PREFIX, named, refuse_existing

_LOCK = "running"


@contextmanager
def opened(out: Path) -> Iterator[None]:
    """Begin the folder, or go on in it; meanwhile no other call does.

    What a call that was ended by force left under temporary names goes.

    Raises
    ------
    InputError
        If another call is at work there, files of its names are no batch's, or it cannot be
        written.
    """
    kept = out / KEPT
    if not kept.is_dir():
        refuse_existing(out, OWN_FILES)
    made = [path for path in (out, *out.absolute().parents) if not path.exists()]
    try:
        kept.mkdir(parents=True, exist_ok=True)
        _lock(kept / _LOCK, out)
    except OSError as error:
        raise named(error, out) from error
    try:
        for left in (*out.glob(f"{PREFIX}*"), *kept.glob(f"{PREFIX}*")):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
        yield
    finally:
        with suppress(OSError):
            (kept / _LOCK).unlink()
        # a call that came to nothing leaves nothing: a folder that is not empty stays
        for path in (kept, *made):
            with suppress(OSError):
                path.rmdir()


def _lock(path: Path, out: Path) -> None:
    """Take the folder, also from a call whose process is gone.

    Raises
    ------
    InputError
        If another call has it.
    """
    mine = {"host": platform.node(), "pid": os.getpid(), "began": _began(os.getpid())}
    for _ in range(2):
        try:
            with path.open("x", encoding="utf-8") as stream:
                json.dump(mine, stream)
            return
        except FileExistsError:
            if not _is_left(path):
                break
            path.unlink(missing_ok=True)
    raise InputError(
        f"Another batch is at work in {out.name}: wait for it, or, if it was ended by force on "
        f"another machine, remove {KEPT}/{_LOCK} in that folder."
    )


def _is_left(path: Path) -> bool:
    """Whether the call that has the folder ran on this machine and has ended."""
    try:
        other = json.loads(path.read_text(encoding="utf-8"))
        if other["host"] != platform.node():
            return False
        return bool(_began(int(other["pid"])) != other["began"])
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _began(pid: int) -> float | None:
    """When a process began: a number of a process that ended is given to another one."""
    try:
        return round(float(psutil.Process(pid).create_time()), 1)
    except psutil.Error:
        return None
