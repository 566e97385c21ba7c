"""Read the inputs of a run, and keep its results out of their folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.image import Image


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


def read_inputs(paths: Mapping[str, str]) -> dict[str, Image]:
    """Read every input for its role."""
    from SynthCore.files.read import read

    return {role: read(path, modality=role) for role, path in paths.items()}
