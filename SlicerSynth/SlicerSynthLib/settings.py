"""What is set once for a machine: the engine's command, and whether it is another machine's.

The store is any mapping from text to text: a dict in a test, the application's settings in a
window. A command that was never set is the default one: SynthCore in this Python.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from SynthCore.errors import InputError

COMMAND_KEY = "SlicerSynth/EngineCommand"
LOCAL = "local"
REMOTE_PROGRAMS = frozenset({"ssh", "plink", "mosh", "autossh"})

Store = MutableMapping[str, str]


class EngineSettings:
    """The engine's command as a person typed it.

    Parameters
    ----------
    store : mapping
        Keeps texts from one start to the next.
    default : sequence of str, optional
        The command where none is set; `default_command` of this Python.
    """

    def __init__(self, store: Store, default: Sequence[str] | None = None) -> None:
        self._store = store
        self._default = default

    @property
    def default(self) -> list[str]:
        """The command where none is set."""
        return default_command() if self._default is None else list(self._default)

    @property
    def text(self) -> str:
        """The command as text, as a person may edit it; empty means the default."""
        return str(self._store.get(COMMAND_KEY) or "").strip()

    @text.setter
    def text(self, text: str) -> None:
        if text.strip():
            parse_command(text)
        self._store[COMMAND_KEY] = text.strip()

    def command(self) -> list[str]:
        """Program and arguments.

        Raises
        ------
        InputError
            If the text cannot be taken apart.
        """
        return parse_command(self.text) if self.text else self.default

    @property
    def engine_key(self) -> str:
        """``local``, or a short text that stands for one remote engine and names no host."""
        try:
            command = self.command()
        except InputError:
            return LOCAL
        if not is_remote(command):
            return LOCAL
        return "remote-" + hashlib.sha256("\0".join(command).encode()).hexdigest()[:8]


def default_command(python: str | None = None) -> list[str]:
    """The worker of the SynthCore that is installed in a Python, this one's by default.

    ``-P`` keeps the folder the application was started in out of the engine's imports.
    """
    return [python or find_python(), "-P", "-m", "SynthCore.cli.main", "worker"]


def find_python() -> str:
    """The interpreter of this process; Slicer's own where the process is Slicer."""
    return shutil.which("PythonSlicer") or sys.executable


def environment_python(folder: Path, windows: bool = os.name == "nt") -> Path:
    """The interpreter of a virtual environment."""
    return folder / "Scripts" / "python.exe" if windows else folder / "bin" / "python"


def parse_command(text: str, windows: bool = os.name == "nt") -> list[str]:
    """Program and arguments of a command line.

    Quotation marks keep spaces together. A backslash is a plain character on Windows, where
    paths are made of it, and takes the next character as it is elsewhere. Nothing else means
    anything: no variable, no pipe, no pattern.

    Raises
    ------
    InputError
        If it is empty, or a quotation mark is not closed.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
    try:
        words = list(lexer)
    except ValueError:
        raise InputError(
            "The engine's command has a quotation mark that is not closed, or ends with a "
            "backslash; correct it under Engine."
        ) from None
    if not words or not words[0]:
        raise InputError("The engine's command is empty; name a program under Engine.")
    return words


def is_remote(command: Sequence[str]) -> bool:
    """Whether the command runs the engine on another machine."""
    program = PureWindowsPath(PurePosixPath(command[0]).name).name.lower()
    return program.removesuffix(".exe") in REMOTE_PROGRAMS
