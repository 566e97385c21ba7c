"""The anatomies that people are drawn on: digital phantoms, or label maps of heads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.errors import InputError
from SynthCore.files.label_map import label_map_name, label_maps_at
from SynthCore.people.streams import phantom_seed
from SynthCore.people.whole_head import cut_level, digest_of_labels, read_whole_head, refuse_other
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.physics.phantom.synthseg import phantom_labels
from SynthCore.request import Progress

Labels = npt.NDArray[np.int16]
Triple = tuple[float, float, float]

PHANTOM, LABELS = "phantom", "labels"

ONWARD_MM = 30.0
"""For so long the lowest slice of a label map goes on that ends within a body, so that a head that
is tilted has no corner of air."""


@dataclass(frozen=True)
class Origin:
    """The anatomy behind a person.

    Attributes
    ----------
    kind : str
        `PHANTOM` or `LABELS`.
    name : str
        Of the label map's file, without its ending.
    seed : int
        Of the phantom.
    sha256 : str
        Of the label map's voxels and spacing.
    """

    kind: str
    name: str
    seed: int
    sha256: str


@dataclass(frozen=True)
class Head:
    """An anatomy made ready.

    Attributes
    ----------
    origin : Origin
    anatomy : Anatomy
    floor : int
        Its level (crop voxel along k) at which the label map ended below; 0 where the body did.
    """

    origin: Origin
    anatomy: Anatomy
    floor: int


@dataclass(frozen=True)
class Source:
    """A label map that people are drawn on: its name, and the hash as in `Origin`."""

    name: str
    sha256: str


class Heads:
    """The anatomies of a folder of people: label maps in turn, or a phantom for each person.

    Parameters
    ----------
    labels : Path, optional
        A label map or a folder of them; the digital phantom where not given.
    seed : int
        Of the people: another one, other phantoms.

    Raises
    ------
    InputError
        If there is no label map.
    """

    def __init__(self, labels: Path | None, seed: int) -> None:
        self._files = [] if labels is None else label_maps_at(labels)
        self._seed = seed
        self._kept: tuple[Path, Head] | None = None
        self._judged: dict[Path, str] = {}

    def judge(self, progress: Progress | None = None) -> tuple[Source, ...]:
        """Read every label map, before anybody is made; none where people are drawn on phantoms.

        Parameters
        ----------
        progress : callable, optional
            Told a fraction and a stage before each; it may raise to stop.

        Raises
        ------
        InputError, RefusedError
            If one cannot be read, or is not one of a whole head.
        """
        found = []
        for number, path in enumerate(self._files):
            if progress is not None:
                progress(number / len(self._files), f"label map {label_map_name(path)}")
            self._judged[path] = digest_of_labels(*read_whole_head(path))
            found.append(Source(label_map_name(path), self._judged[path]))
        return tuple(found)

    def head(self, number: int) -> Head:
        """The head that the person of that number, from 1, is drawn on.

        Raises
        ------
        InputError, RefusedError
            If its label map cannot be read, is not one of a whole head, or is not as it was judged.
        """
        if not self._files:
            return _phantom(phantom_seed(self._seed, number))
        path = self._files[(number - 1) % len(self._files)]
        if self._kept is None or self._kept[0] != path:
            head = _of_file(path)
            if self._judged.get(path, head.origin.sha256) != head.origin.sha256:
                raise InputError(
                    f"The label map {head.origin.name} changed while people were made; give the "
                    "one of before."
                )
            self._kept = path, head
        return self._kept[1]

    def like(self, origin: Origin) -> Head:
        """The head that a person was drawn on before.

        Raises
        ------
        InputError, RefusedError
            If its label map is not among those that are given.
        """
        if origin.kind == PHANTOM:
            return _phantom(origin.seed, origin.sha256)
        for path in self._files:
            if len(self._files) == 1 or label_map_name(path) == origin.name:
                head = _of_file(path)
                if head.origin.sha256 == origin.sha256:
                    return head
        raise InputError(
            f"This person was drawn on the label map {origin.name}, which is not there or has "
            "other voxels; give it with --labels."
        )


def make_head_ready(labels: Labels, spacing: Triple, kind: str, name: str, seed: int = 0) -> Head:
    """A head from a label map (k, j, i), axes toward superior, posterior, left.

    Raises
    ------
    RefusedError
        If it is not a whole head in SynthSeg's numbers.
    """
    refuse_other(labels, spacing, name)
    digest = digest_of_labels(labels, spacing)
    level = cut_level(labels, spacing)
    onward = round(ONWARD_MM / spacing[0]) if level is not None else 0
    if level is not None:
        labels = np.pad(labels[level:], ((onward, 0), (0, 0), (0, 0)), mode="edge")
    anatomy = read_anatomy(torch.from_numpy(labels), spacing)
    return Head(Origin(kind, name, seed, digest), anatomy, onward)


def _phantom(seed: int, expected: str = "") -> Head:
    head = make_head_ready(phantom_labels(seed), (1.0, 1.0, 1.0), PHANTOM, "", seed)
    if expected and head.origin.sha256 != expected:
        raise InputError(
            "The digital phantom of this version is another one than the person was drawn on; use "
            "the version that wrote the file."
        )
    return head


def _of_file(path: Path) -> Head:
    labels, spacing = read_whole_head(path)
    return make_head_ready(labels, spacing, LABELS, label_map_name(path))
