"""A page that the engine made, as a file: kept where a person says, or for a browser to open."""

from __future__ import annotations

import secrets
from pathlib import Path

from SynthCore.errors import InputError


def keep_report(page: str, path: Path, *, private: bool = False) -> None:
    """Write the page to a file that did not exist; one that is private is for its owner alone.

    Raises
    ------
    InputError
        If the file exists, or cannot be written. Nothing is left behind.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        path = path.with_name(path.name + ".html")
    if path.exists():
        raise InputError(f"{path.name} exists, and nothing is written over; give another name.")
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.touch(0o600 if private else 0o666)
        part.write_text(page, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path.name} cannot be written there; choose another folder.") from error


def temporary_report(page: str, folder: str, name: str) -> Path:
    """Write the page to a new file of its owner's in a folder of temporary files.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    path = Path(folder) / f"{name}-{secrets.token_hex(8)}.html"
    keep_report(page, path, private=True)
    return path
