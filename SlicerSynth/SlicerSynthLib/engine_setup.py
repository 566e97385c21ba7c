"""The engine of this machine: its settings in the application's, its environment, its client."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import slicer

from SlicerSynthLib.client import WorkerClient
from SlicerSynthLib.process import PipeProcess
from SlicerSynthLib.settings import EngineSettings, environment_python, find_python

FOLDER_KEY = "SlicerSynth/EngineFolder"
START = Path(__file__).with_name("start_engine.py")
PACKAGES = "--packages"
"""Option of `START`: a folder of packages that go before those of its Python."""
READY = ".synthcore-ready"
"""File in an environment once everything was installed into it; holds a `PYTHON_TAG`."""
PYTHON_TAG = str(sys.implementation.cache_tag)
"""Of this Python: ``cpython-312``."""


class ApplicationSettings(MutableMapping[str, str]):
    """The application's settings as a mapping from text to text."""

    def __init__(self, settings: Any = None) -> None:
        self._settings = slicer.app.userSettings() if settings is None else settings

    def __getitem__(self, key: str) -> str:
        if not self._settings.contains(key):
            raise KeyError(key)
        return str(self._settings.value(key))

    def __setitem__(self, key: str, value: str) -> None:
        self._settings.setValue(key, value)

    def __delitem__(self, key: str) -> None:
        self._settings.remove(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings.allKeys())

    def __len__(self) -> int:
        return len(self._settings.allKeys())


class ModuleEngineSettings(EngineSettings):
    """The engine that came with this module, in its own environment where there is one."""

    def __init__(self, store: MutableMapping[str, str]) -> None:
        super().__init__(store)
        self._environments = store

    @property
    def default(self) -> list[str]:
        """The command where none is set."""
        folder = self.environment
        if not (folder / READY).is_file():
            return start_command(find_python())
        own = environment_python(folder)
        if own.is_file():
            return start_command(str(own))
        # packages that another Slicer's Python was given would hide this one's own
        return start_command(find_python(), folder if _is_of_this_python(folder) else None)

    @property
    def environment(self) -> Path:
        """Folder of the environment, whether there is one or not."""
        return Path(self._environments.get(FOLDER_KEY) or default_environment())


def _is_of_this_python(folder: Path) -> bool:
    try:
        # one without a tag is older than tags
        return (folder / READY).read_text(encoding="utf-8") in (PYTHON_TAG, "")
    except (OSError, UnicodeDecodeError):
        return False


def start_command(python: str, packages: Path | None = None) -> list[str]:
    """The command that starts this module's engine in a Python, with packages of its own."""
    own = [PACKAGES, str(packages)] if packages is not None else []
    return [python, "-P", str(START), *own, "worker"]


def default_environment() -> Path:
    """Where the environment is made: beside the application's settings, the user's own place."""
    return Path(slicer.app.userSettings().fileName()).parent / "SynthCoreEnvironment"


def process_environment() -> dict[str, str]:
    """The environment the application was started in: Slicer's own would mislead a Python."""
    return {str(key): str(value) for key, value in slicer.util.startupEnvironment().items()}


def make_client(settings: EngineSettings) -> WorkerClient:
    """A client of the engine that the settings name."""
    return WorkerClient(settings.command, lambda: PipeProcess(process_environment()))
