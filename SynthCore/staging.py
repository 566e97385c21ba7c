"""Write as if at once: everything, or nothing; never over something, never half of it.

What is written lies under a temporary name, on the same disk, until it is whole.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from SynthCore.errors import ComputationError, InputError, SynthCoreError

PREFIX = ".partial-"
"""How every temporary name begins."""

_LONGEST_SHOWN = 120


def refuse_existing(folder: Path, names: tuple[str, ...] = ()) -> None:
    """Refuse a folder that already holds one of these names, or cannot be written.

    Meant to be asked before a long computation as well as after it.

    Raises
    ------
    InputError
        Nothing is written over.
    ComputationError
        If the disk is full.
    """
    _refuse_names(folder, names)
    refuse_unwritable(folder)


def _refuse_names(folder: Path, names: tuple[str, ...]) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"The output {folder} is a file; give a folder with --out.")
        for name in names:
            if _is_there(folder / name):
                raise InputError(
                    f"The output folder {folder} already holds {name}; nothing is written over, "
                    "so give another folder with --out."
                )
    except OSError as error:
        raise named(error, folder) from error


def refuse_filled(folder: Path) -> None:
    """Refuse a folder unless it is missing or empty, and can be written.

    Raises
    ------
    InputError, ComputationError
        As `refuse_existing`.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{_shown(folder)} exists and is not empty; name a new folder.")
    except OSError as error:
        raise named(error, folder) from error
    refuse_unwritable(folder)


def refuse_files(*paths: Path) -> None:
    """Refuse files that are there already, and such as lie in no folder or one that is closed.

    Meant to be asked before a long computation: `new_files` makes no folder.

    Raises
    ------
    InputError, ComputationError
        As `refuse_existing`.
    """
    for path in paths:
        if _is_there(path):
            raise InputError(f"{path.name} is there already; nothing is written over.")
        if not path.absolute().parent.is_dir():
            raise InputError(f"The folder of {path.name} does not exist: make it first.")
    for folder in dict.fromkeys(path.absolute().parent for path in paths):
        refuse_unwritable(folder)


def refuse_unwritable(folder: Path) -> None:
    """Refuse a folder in which nothing can be made, by making and removing something there.

    Access rights alone do not tell: a disk may be mounted to be read only.

    Raises
    ------
    InputError, ComputationError
        As `refuse_existing`.
    """
    try:
        place = folder.absolute()
        there = next(path for path in (place, *place.parents) if path.exists())
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=there):
            pass
    except OSError as error:
        raise named(error, folder) from error


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
    with _clean_parents(folder):
        stage = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        try:
            yield stage
            results = sorted(stage.iterdir())
            _refuse_names(folder, tuple(path.name for path in results))
            _take_names([(path, folder / path.name) for path in results])
        finally:
            shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its name at the end; `folder` is missing or empty.

    If anything fails, it goes, and the parents that were made for it. An empty folder stays what
    it is, and takes what was staged in it: it may be the current one, or where a disk is mounted.

    Raises
    ------
    InputError
        If `folder` holds something or cannot be written.
    ComputationError
        If the disk is full.
    """
    refuse_filled(folder)
    if folder.exists():
        with staged(folder) as stage:
            yield stage
        return
    parent = folder.absolute().parent
    with _clean_parents(parent, named_as=folder):
        # not mkdtemp: the folder keeps the access rights that any new folder has
        stage = parent / f"{PREFIX}{secrets.token_hex(4)}"
        stage.mkdir()
        try:
            yield stage
            if folder.exists():
                raise InputError(f"{_shown(folder)} was made meanwhile; name a new folder.")
            stage.rename(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def new_files(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Temporary names in the folders of `targets`; those files take their names at the end.

    They do so in the order given, and all of them go if anything fails.

    Raises
    ------
    InputError
        If a target is there by then, or its folder cannot be written.
    ComputationError
        If the disk is full.
    """
    token = secrets.token_hex(4)
    parts = tuple(path.with_name(f"{PREFIX}{token}-{path.name}") for path in targets)
    try:
        yield parts
        for path in targets:
            if _is_there(path):
                raise InputError(f"{path.name} is there already; nothing is written over.")
        _take_names(list(zip(parts, targets, strict=True)))
    except BaseException as error:
        for path in parts:
            _remove(path)
        if isinstance(error, OSError):
            raise named(error, targets[0].parent) from error
        raise


@contextmanager
def renewed(target: Path) -> Iterator[Path]:
    """A temporary name beside `target` that takes its place at the end, over what is there.

    For what a computation keeps for itself: a write that breaks leaves what was there before.

    Raises
    ------
    InputError
        If the folder cannot be written.
    ComputationError
        If the disk is full.
    """
    part = target.with_name(f"{PREFIX}{secrets.token_hex(4)}-{target.name}")
    try:
        yield part
        part.replace(target)
    except OSError as error:
        raise named(error, target.parent) from error
    finally:
        _remove(part)


def _take_names(moves: Sequence[tuple[Path, Path]]) -> None:
    """Give all of them their names, in order; if anything fails, none has one.

    Raises
    ------
    InputError
        If something has such a name by then, of another run that ended a moment ago: it stays.
    """
    begun: list[tuple[Path, tuple[int, int] | None]] = []
    try:
        for part, path in moves:
            begun.append((path, _identity(part)))  # a move may be interrupted right after it
            _take_name(part, path)
    except BaseException as error:
        for path, own in begun:
            if own is not None and _identity(path) == own:
                _remove(path)
        if isinstance(error, OSError) and error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            name = begun[-1][0].name
            raise InputError(f"{name} was made meanwhile; nothing is written over.") from error
        raise


def _take_name(part: Path, path: Path) -> None:
    """Move to a name that nothing has: a plain rename would replace a file without a word."""
    if os.name == "nt" or part.is_dir():
        part.rename(path)  # refuses a name that is there, but for an empty folder
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        part.replace(path)
    else:
        part.unlink()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_there(path: Path) -> bool:
    """Whether something has that name, also a link whose target is on a disk that is away.

    Raises
    ------
    InputError
        If that cannot be told: the name is too long, or the folder is closed.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise named(error, path.parent) from error
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink(missing_ok=True)


def named(error: OSError, folder: Path) -> SynthCoreError:
    """The error of this package for a file system's."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG):
        return ComputationError(
            f"The disk of {_shown(folder)} is full: nothing was kept; free space or choose "
            "another folder."
        )
    return InputError(
        f"The output folder {_shown(folder)} cannot be written ({error.strerror or error}); "
        "choose another one."
    )


@contextmanager
def _clean_parents(folder: Path, *, named_as: Path | None = None) -> Iterator[None]:
    """Make `folder`; after a failure, those that were made are gone and an OSError is named."""
    made: list[Path] = []
    try:
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for path in made:  # deepest first; one that is not empty, or was never made, stays
            with suppress(OSError):
                path.rmdir()
        if isinstance(error, OSError):
            raise named(error, named_as or folder) from error
        raise


def _shown(path: Path) -> str:
    # a temporary folder of ours says nothing to a person
    parts = list(itertools.takewhile(lambda part: not part.startswith(PREFIX), path.parts))
    text = str(Path(*parts))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
