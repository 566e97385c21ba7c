"""Packages for the engine, on a click and never before.

Two places. An environment of its own leaves Slicer's Python as it is and takes exactly the
versions that were tested (`constraints.txt`). Slicer's own Python takes what fits beside what is
there, through Slicer's package manager and the PyTorch extension; it blocks Slicer meanwhile.

Where there is no Python but Slicer's, the environment is a folder of packages for that one.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from SlicerSynthLib.settings import environment_python
from SynthCore.errors import InputError

VERSIONS = ((3, 12), (3, 11))
"""Pythons that the pinned torch has a build for, the best first."""
TORCH = "torch"

Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Step:
    """A program to run, and what to say of it."""

    title: str
    command: tuple[str, ...]


def requirements(root: Path) -> list[str]:
    """Names of the packages that SynthCore needs.

    Raises
    ------
    InputError
        If the module came without its `pyproject.toml`.
    """
    try:
        data = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        return [str(name) for name in data["project"]["dependencies"]]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        raise InputError(
            "The list of the engine's packages is missing; install the Synth extension again."
        ) from None


def environment_steps(
    folder: Path, python: str, root: Path, packages: Sequence[str] | None = None
) -> tuple[Step, ...]:
    """What makes the environment in `folder`, one program after another.

    Parameters
    ----------
    folder : Path
        Of the environment; what stands there is made anew.
    python : str
        A Python of one of the `VERSIONS`.
    root : Path
        Where `pyproject.toml` and `constraints.txt` are.
    packages : sequence of str, optional
        Instead of what SynthCore needs.
    """
    return (
        Step("Making the environment", (python, "-m", "venv", str(folder))),
        _pip_step(str(environment_python(folder)), root, packages),
    )


def folder_steps(
    folder: Path, python: str, root: Path, packages: Sequence[str] | None = None
) -> tuple[Step, ...]:
    """What fills `folder` with packages for `python`, which stays as it is.

    For Slicer's own Python, which no environment can be made of. The arguments are those of
    `environment_steps`.
    """
    return (_pip_step(python, root, packages, ("--target", str(folder))),)


def _pip_step(
    python: str, root: Path, packages: Sequence[str] | None, more: Sequence[str] = ()
) -> Step:
    wanted = requirements(root) if packages is None else list(packages)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install")
    tested = ("-c", str(root / "constraints.txt"))
    return Step(
        "Downloading and installing", (*pip, "--progress-bar", "off", *tested, *more, *wanted)
    )


def find_base_python(environment: Mapping[str, str], run: Run = subprocess.run) -> str | None:
    """A Python of one of the `VERSIONS` that can make the environment, None if there is none.

    Each candidate is asked for its version and for the modules that an environment needs.
    """
    path = environment.get("PATH")
    names = [f"python{major}.{minor}" for major, minor in VERSIONS]
    for name in (*names, "python3", "python"):
        found = shutil.which(name, path=path)
        if found and _is_fit(found, environment, run):
            return found
    return None


def require_platform(system: str = sys.platform, machine: str = "") -> None:
    """Refuse where the pinned packages have no builds, before anything is downloaded.

    Raises
    ------
    InputError
        On a Mac with an Intel processor, or a Slicer that is translated for one.
    """
    if system == "darwin" and (machine or platform.machine()) == "x86_64":
        raise InputError(
            "The engine cannot be installed on Intel Macs, nor in a Slicer built for them: name an "
            "engine on another machine under Command."
        )


def install_into_slicer(root: Path) -> None:
    """Install into Slicer's own Python; Slicer asks before it does, and waits.

    Raises
    ------
    InputError
        If the extension PyTorch is missing, the person declined, or it failed.
    """
    import slicer.packaging

    names = requirements(root)
    try:
        # torch first: other packages would bring one that may not fit the graphics card
        if TORCH in names and not slicer.packaging.pip_check(TORCH):
            import PyTorchUtils

            if PyTorchUtils.PyTorchUtilsLogic().installTorch(askConfirmation=True) is None:
                raise InputError("PyTorch was not installed; the engine cannot run without it.")
        slicer.packaging.pip_ensure(
            [name for name in names if name != TORCH], requester="SlicerSynth"
        )
    except ImportError:
        raise InputError(
            "The extension PyTorch is missing; install it in the Extensions Manager and restart."
        ) from None
    except RuntimeError as error:
        raise InputError(str(error)) from None
    except subprocess.CalledProcessError:  # Slicer has shown its lines
        raise InputError("The packages could not be installed; try it again.") from None


def _is_fit(python: str, environment: Mapping[str, str], run: Run) -> bool:
    question = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        answer = run(
            [python, "-c", question],
            capture_output=True,
            text=True,
            timeout=20,
            env=dict(environment),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    # the last line: a wrapper may say something first
    said = answer.stdout.splitlines()[-1:] if answer.returncode == 0 else []
    return said in [[" ".join(map(str, version))] for version in VERSIONS]
