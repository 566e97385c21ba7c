"""Where the dose engine lives: a virtual environment of its own, made only when it is asked for.

pyRadPlan wants other versions of packages than this one does, so it never shares its environment.
What is in it is pinned in ``requirements.txt`` beside this file, dependencies and all: nothing is
resolved, and what pyRadPlan lists and dose does not need is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from SynthCore.errors import ComputationError, InputError
from SynthCore.request import Cancelled, Progress
from SynthCore.staging import new_folder

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
HOME_VARIABLE = "SYNTHCORE_DOSE_ENGINE"
"""Environment variable: another folder for the engine."""

READY = "synthcore-dose-engine.json"
"""Written last: what is in the environment."""

MEGABYTES = 200
"""About what an installation downloads."""

LONGEST_S = 1800.0


@dataclass(frozen=True)
class Status:
    """How the engine stands.

    Attributes
    ----------
    folder : Path
        Where it is, or would be.
    installed, current : bool
        Whether it is there, and whether with the versions that are pinned here.
    versions : tuple of str
        ``name==version``, as pinned when it was installed.
    """

    folder: Path
    installed: bool
    current: bool
    versions: tuple[str, ...]


def home() -> Path:
    """The engine's folder: `HOME_VARIABLE`, or one in the user's own place for program data."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "SynthCore" / "dose-engine"


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def status(folder: Path | None = None) -> Status:
    """What is installed, without starting it."""
    folder = folder or home()
    try:
        found = json.loads((folder / READY).read_text("utf-8"))
        versions = tuple(str(line) for line in found["versions"])
        current = found["requirements_sha256"] == _fingerprint()
    except (OSError, ValueError, KeyError, TypeError):
        return Status(folder, False, False, ())
    there = python_of(folder).exists()
    return Status(folder, there, there and current, versions)


def require_engine(folder: Path | None = None) -> Path:
    """The interpreter that has pyRadPlan.

    Raises
    ------
    InputError
        If the engine is not installed, or in versions other than those pinned here.
    """
    found = status(folder)
    if not found.installed:
        raise InputError(
            f"The dose engine is not installed: `synthcore dose-engine install` puts it into "
            f"{found.folder} and downloads about {MEGABYTES} MB."
        )
    if not found.current:
        raise InputError(
            "The dose engine was installed with other versions than this program wants: "
            "run `synthcore dose-engine install --again`."
        )
    return python_of(found.folder)


def install(
    folder: Path | None = None,
    *,
    again: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Status:
    """Make the environment and put pyRadPlan into it, by pip as it is set up here.

    Parameters
    ----------
    folder : Path, optional
        `home` where not given.
    again : bool
        Whether to replace one that is there.

    Raises
    ------
    InputError
        If it is there already, or something else is.
    ComputationError
        If pip cannot install it.
    CancelledError
        If `cancelled` said so; what was there stays.
    """
    folder = folder or home()
    before = folder.with_name(f"{folder.name}-before")
    if (before / READY).exists() and not folder.exists():
        before.rename(folder)  # this program was killed while it replaced the engine
    found = status(folder)
    if found.installed and not again:
        if found.current:
            return found
        raise InputError("The dose engine is there with other versions: add --again to replace it.")
    if not (folder / READY).exists():
        return _make(folder, progress, cancelled)
    fresh = folder.with_name(f"{folder.name}-new")
    shutil.rmtree(fresh, ignore_errors=True)
    _make(fresh, progress, cancelled)  # the one that works stays until this one does
    try:
        shutil.rmtree(before, ignore_errors=True)
        folder.rename(before)
        fresh.rename(folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if not folder.exists():
            before.rename(folder)
        raise ComputationError(
            f"The dose engine in use could not be replaced ({error.strerror or error}): end what "
            "computes doses and run this again."
        ) from error
    shutil.rmtree(before, ignore_errors=True)
    return status(folder)


def _make(folder: Path, progress: Progress | None, cancelled: Cancelled | None) -> Status:
    """Make the environment under a temporary name; nothing is left of one that fails."""
    from SynthCore.planning.engine.process import run_quietly

    with new_folder(folder) as stage:
        _tell(progress, 0.02, "environment")
        try:
            venv.create(stage, with_pip=True, symlinks=os.name != "nt")
        except (OSError, subprocess.CalledProcessError) as error:
            raise ComputationError(
                "The dose engine's environment could not be made: this Python lacks venv or "
                "ensurepip; install them."
            ) from error
        _tell(progress, 0.1, f"pyRadPlan and what it needs, about {MEGABYTES} MB")
        run_quietly(
            [str(python_of(stage)), "-m", "pip", "--disable-pip-version-check", "--no-input",
             "install", "--quiet", "--no-deps", "--only-binary", ":all:",
             "-r", str(REQUIREMENTS)],
            "The dose engine could not be installed: see that pip can reach its package index.",
            LONGEST_S, cancelled,
        )  # fmt: skip
        _tell(progress, 0.9, "trying it")
        run_quietly(
            [str(python_of(stage)), "-I", "-c", "import pyRadPlan"],
            "The dose engine was installed and does not start: tell its versions and your system.",
            300.0, cancelled,
        )  # fmt: skip
        (stage / READY).write_text(
            json.dumps({"requirements_sha256": _fingerprint(), "versions": pinned()}, indent=1),
            "utf-8",
        )
    _tell(progress, 1.0, "ready")
    return status(folder)


def pinned() -> tuple[str, ...]:
    """Every ``name==version`` that this program wants in the engine's environment."""
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _fingerprint() -> str:
    return hashlib.sha256("\n".join(pinned()).encode()).hexdigest()


def _tell(progress: Progress | None, fraction: float, stage: str) -> None:
    if progress is not None:
        progress(fraction, stage)
