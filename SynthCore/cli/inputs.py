"""Turn what a user typed into images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.tasks import parse_role


def parse_inputs(texts: list[str]) -> dict[str, str]:
    """``ROLE=PATH`` texts as a mapping from role to path.

    Raises
    ------
    InputError
        If a text has another form, or a role is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        role, equals, path = text.partition("=")
        if not equals or not path:
            raise InputError(f"The input {text!r} is not ROLE=PATH, such as T1=study/T1.nii.gz.")
        role = parse_role(role)
        if role in found:
            raise InputError(f"The role {role} is given twice; give each input once.")
        found[role] = path
    return found


def refuse_within(out: Path, paths: Mapping[str, str]) -> None:
    """Refuse a folder for results in, or below, a folder that an input is read from.

    A new series beside the one that was acquired would make that folder ambiguous.

    Raises
    ------
    InputError
        If it lies there.
    """
    from SynthCore.files.read import split_series

    for role, path in paths.items():
        try:
            place, target = split_series(path)[0].resolve(), out.resolve()
            within = place.is_dir() and (target == place or place in target.parents)
        except (OSError, RuntimeError):  # too long a name, a loop of links: reading will say so
            continue
        if within:
            raise InputError(
                f"The output folder {out} lies in the folder of {role}; give another one with "
                "--out."
            )


def read_inputs(paths: dict[str, str]) -> dict[str, Image]:
    """Read every input for its role."""
    from SynthCore.files.read import read

    return {role: read(path, modality=role) for role, path in paths.items()}
