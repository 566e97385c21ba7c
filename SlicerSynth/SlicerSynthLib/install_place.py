"""The folder of the engine's environment: made whole or not at all, and what was there is kept.

It counts once everything was installed into it. Until then what stood there before lies beside it,
and stands there again where the installation fails.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from pathlib import Path

from SlicerSynthLib.engine_setup import PYTHON_TAG, READY
from SynthCore.errors import InputError

BEGUN = "slicersynth-engine"
"""File that says whose folder it is, from the first moment on."""
TRIES = 10


def set_aside(folder: Path) -> Path | None:
    """Begin a new installation; what an earlier one left lies beside it, whole or not.

    Returns
    -------
    Path or None
        Where that lies now, for `put_back` or `discard`.

    Raises
    ------
    InputError
        If the folder holds something else, for the settings may name any folder, or is in use.
    """
    aside = None
    if folder.exists() and any(folder.iterdir()):
        if not any((folder / name).is_file() for name in (BEGUN, READY)):
            raise InputError(
                f"The folder {folder.name} for the engine holds something else; "
                "empty it, or set another one."
            )
        # in one step: where a file is still in use nothing is gone, and it can be tried again
        aside = folder.with_name(f"{folder.name}-{secrets.token_hex(4)}")
        try:
            folder.rename(aside)
        except OSError as error:
            raise InputError(
                f"The folder {folder.name} of the engine cannot be replaced "
                f"({error.strerror or error}); wait until the engine has ended, and try it again."
            ) from error
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BEGUN).write_text("", encoding="utf-8")
    return aside


def put_back(folder: Path, aside: Path | None) -> None:
    """After an installation that failed: what worked before works again, in its own place."""
    if aside is None or not (aside / READY).is_file():
        discard(aside)
        return
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            aside.rename(folder)
        except OSError:  # what was ended a moment ago still writes
            time.sleep(0.1)
        else:
            return


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
