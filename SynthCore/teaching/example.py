"""A case file to fill in."""

from __future__ import annotations

from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.staging import named, new_files

_EXAMPLE = Path(__file__).parent / "templates" / "example.toml"


def example_text() -> str:
    """A case file with a remark on every field."""
    return _EXAMPLE.read_text(encoding="utf-8")


def write_example(path: Path) -> Path:
    """Write a case file to fill in.

    Raises
    ------
    InputError
        If the file exists, has another ending than ``.toml`` or cannot be written.
    """
    if path.suffix.lower() != ".toml":
        raise InputError(f"{path.name} does not end with .toml; a case to fill in is TOML.")
    if path.exists():
        raise InputError(f"{path.name} exists already and is not written over; give another name.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_files(path) as (part,):
            part.write_text(example_text(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise named(error, path.parent) from error
    return path
