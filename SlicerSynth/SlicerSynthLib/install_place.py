"""The folder of the engine's environment: made whole or not at all, and what was there is kept.

It counts once everything was installed into it. Until then what stood there before lies beside it,
and stands there again where the installation fails.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from pathlib import Path

from SlicerSynthLib.engine_setup import PYTHON_TAG, READY
from SynthCore.errors import InputError

BEGUN = "slicersynth-engine"
"""File that says whose folder it is, from the first moment on."""
TRIES = 10
LONGEST_SECONDS = 3600
"""Of an installation: one that began earlier has ended."""


def set_aside(folder: Path) -> Path | None:
    """Begin a new installation; one that works lies beside it meanwhile.

    Returns
    -------
    Path or None
        Where that lies now, for `put_back` or `discard`.

    Raises
    ------
    InputError
        If the folder holds something else, for the settings may name any folder, or is in use.
    """
    aside = _beside(folder)
    if folder.exists() and any(folder.iterdir()):
        if not any((folder / name).is_file() for name in (BEGUN, READY)):
            raise InputError(
                f"The folder {folder.name} for the engine holds something else; "
                "empty it, or set another one."
            )
        works = (folder / READY).is_file()
        # in one step: where a file is still in use nothing is gone, and it can be tried again
        place = aside if works else folder.with_name(f"{folder.name}-{secrets.token_hex(4)}")
        try:
            if works:
                discard(aside)
            folder.rename(place)
        except OSError as error:
            raise InputError(
                f"The folder {folder.name} of the engine cannot be replaced "
                f"({error.strerror or error}); wait until the engine has ended, and try it again."
            ) from error
        if not works:
            discard(place)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BEGUN).write_text("", encoding="utf-8")
    return aside if (aside / READY).is_file() else None


def put_back(folder: Path, aside: Path | None) -> bool:
    """After an installation that failed: what worked before works again, in its own place.

    Returns
    -------
    bool
        False where it could not be moved: it lies beside the folder, for `adopt`.
    """
    if aside is None:
        return True
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            aside.rename(folder)
        except OSError:  # what was ended a moment ago still writes
            time.sleep(0.1)
        else:
            return True
    with contextlib.suppress(OSError):
        os.utime(folder / BEGUN, (0, 0))  # nobody is at it any more
    return False


def adopt(folder: Path) -> None:
    """Put back what an installation left beside the folder that ended with Slicer itself."""
    aside = _beside(folder)
    if (folder / READY).is_file() or not (aside / READY).is_file():
        return
    with contextlib.suppress(OSError):
        if time.time() - (folder / BEGUN).stat().st_mtime < LONGEST_SECONDS:
            return  # another Slicer may be installing now
    put_back(folder, aside)


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-before")


def discard(aside: Path | None) -> None:
    """Take away what was set aside."""
    if aside is not None:
        shutil.rmtree(aside, ignore_errors=True)


def mark_ready(folder: Path) -> None:
    """Note that everything was installed, and by which Python: the engine runs there from now."""
    (folder / READY).write_text(PYTHON_TAG, encoding="utf-8")


def forget(folder: Path) -> None:
    """Use the environment no longer; another place was chosen."""
    with contextlib.suppress(OSError):
        (folder / READY).unlink(missing_ok=True)
