"""Write several results into a folder as if at once: all of them, or none."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from SynthCore.errors import ComputationError, InputError, SynthCoreError

PREFIX = ".partial-"


def refuse_existing(folder: Path, names: tuple[str, ...]) -> None:
    """Raise `InputError` if the folder already holds one of these names: nothing is written over.

    Meant to be asked before a long computation as well as after it.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"The output {folder} is a file; give a folder with --out.")
    for name in names:
        if (folder / name).exists():
            raise InputError(
                f"The output folder {folder} already holds {name}; nothing is written over, so "
                "give another folder with --out."
            )


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A staging folder inside `folder`; what it holds at the end is moved up into `folder`.

    If anything fails, the staging folder goes, and `folder` too if it was made here: a partial
    result is never left looking like a whole one.

    Raises
    ------
    InputError
        If the folder cannot be written, or already holds a name that was staged.
    ComputationError
        If the disk is full.
    """
    made = _make_folders(folder)
    stage: Path | None = None
    try:
        stage = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        yield stage
        results = sorted(stage.iterdir())
        refuse_existing(folder, tuple(path.name for path in results))
        for path in results:
            path.replace(folder / path.name)
        stage.rmdir()
    except BaseException as error:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        for path in made:  # deepest first; one that is no longer empty stays
            try:
                path.rmdir()
            except OSError:
                break
        if isinstance(error, OSError) and not isinstance(error, SynthCoreError):
            raise named(error, folder) from error
        raise


def named(error: OSError, folder: Path) -> SynthCoreError:
    """The error of this package for a file system's."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG):
        return ComputationError(
            f"The disk of {folder} is full: nothing was kept; free space or give another --out."
        )
    return InputError(
        f"The output folder {folder} cannot be written ({error.strerror or error}); "
        "give another folder with --out."
    )


def _make_folders(folder: Path) -> list[Path]:
    """Make the folder; those that were not there before, deepest first."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        for path in missing:
            if path.is_dir():
                path.rmdir()
        raise named(error, folder) from error
    return missing
