"""``person.json``: every draw of a person, and what was made of them."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from SynthCore import __version__
from SynthCore.errors import InputError
from SynthCore.people.draws import Draws
from SynthCore.people.streams import MOST, MOST_SEED
from SynthCore.physics.generator import VERSION
from SynthCore.physics.generator.record import from_json, to_json

NAME = "person.json"
NOTICE = "SYNTHETIC: this person does not exist. Research software: not cleared for clinical use."
_LARGEST = 4 << 20


@dataclass(frozen=True)
class Found:
    """A kind of lesion in the truth, its volume, and its ages where its name does not tell them."""

    kind: str
    ml: float
    stages: tuple[str, ...]

    def __str__(self) -> str:
        ages = f" ({', '.join(self.stages)})" if self.stages else ""
        return f"{self.kind}{ages} {self.ml:.2g} ml"


@dataclass(frozen=True)
class Kept:
    """A file of the truth: its name, and a SHA-256.

    Of a label map that of its voxels and place (`Image.sha256`), of a text that of its bytes,
    of a Segmentation that of its pixel data; empty of a Segmentation of earlier versions.
    """

    name: str
    sha256: str


@dataclass(frozen=True)
class Made:
    """An image: its role, and the SHA-256 of its voxels and place (`Image.sha256`)."""

    role: str
    sha256: str


@dataclass(frozen=True)
class PersonFile:
    """What stands in ``person.json``.

    Attributes
    ----------
    notice : str
        `NOTICE`.
    id : str
        ``person-001``: name of the folder.
    software : tuple of (str, str)
        Names and versions, the number of threads among them.
    draws : Draws
        Enough to make all of it again.
    lesions : tuple of Found
    images : tuple of Made
    truth : tuple of Kept
    """

    notice: str
    id: str
    software: tuple[tuple[str, str], ...]
    draws: Draws
    lesions: tuple[Found, ...]
    images: tuple[Made, ...]
    truth: tuple[Kept, ...]

    def write(self, folder: Path) -> None:
        """Write it into the person's folder."""
        text = json.dumps(json.loads(to_json(self)), indent=1)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read_person(path: Path) -> PersonFile:
    """Read what `PersonFile.write` wrote.

    Raises
    ------
    InputError
        If it is not there or something else, or belongs to another version of the generator.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path.name} is too large to be a person's file.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path.name} cannot be read; give the {NAME} of a person that generate made."
        ) from error
    try:
        found = from_json(PersonFile, text)
    except InputError as error:
        raise InputError(
            f"{path.name} holds no draws of a person; give the {NAME} of a person that generate "
            "made, unchanged."
        ) from error
    if not (0 <= found.draws.seed <= MOST_SEED and 1 <= found.draws.number <= MOST):
        raise InputError(f"{path.name} holds a seed or a number that generate does not give.")
    if found.draws.generator != VERSION:
        raise InputError(
            f"{path.name} was drawn for version {found.draws.generator} of the generator, and this "
            f"one is {VERSION}: it would make other voxels; use the software that wrote it."
        )
    return found


def digest_of(draws: Draws) -> str:
    """SHA-256 of all draws: what the record of an image names them by."""
    return hashlib.sha256(to_json(draws).encode("utf-8")).hexdigest()


def who(draws: Draws) -> str:
    """Ten hexadecimal digits that name a person among all that are made.

    They come from what makes the person: seed, number, anatomy and all that was drawn of them,
    lesions included. Images and grid have no part in it, so a replay keeps them.
    """
    made_of = f"{draws.seed} {draws.number} {draws.origin.sha256} {to_json(draws.person)}"
    return hashlib.sha256(made_of.encode("utf-8")).hexdigest()[:10]


def software() -> dict[str, str]:
    """What the voxels may depend on."""
    return {
        "SynthCore": __version__,
        "generator": str(VERSION),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": str(torch.get_num_threads()),
    }
