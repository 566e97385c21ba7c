"""Read a site's pairs and see that each can be learned from; a message names the row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from SynthCore.engine.checks import check_grids, check_input
from SynthCore.engine.coverage_check import check_coverage
from SynthCore.engine.noise_check import NAME as NOISE_CHECK
from SynthCore.engine.ready import find_body, on_one_grid
from SynthCore.engine.role_checks import require_distinct
from SynthCore.errors import InputError, SynthCoreError
from SynthCore.files.read import read
from SynthCore.image import Image, notes_of
from SynthCore.models.card import Card
from SynthCore.request import Check
from SynthCore.training.finetune.rows import PairPaths
from SynthCore.training.finetune.wanted import Wanted
from SynthCore.training.registration import reached

LEAST_OVERLAP = 0.3
"""Of the input's body that the target must reach before any registration."""

NOT_NEEDED = "likeness"
"""The check of likeness to the training data is what fine-tuning is there to change."""


@dataclass(frozen=True)
class SitePair:
    """One checked pair.

    Attributes
    ----------
    number, patient : int
        Of the pair and of the patient, from 1; what pages and cards call them.
    where : str
        The row, for messages.
    inputs : mapping
        Images by role, on the grid of the first.
    target : Image
        As acquired.
    sha256 : str
        Of the voxels of all of them: a registration that is kept belongs to these images.
    image : str
        The first half of the SHA-256 of the target's voxels and place: what cards kept of an image
        that was learned from before they kept `images`.
    voxels : frozenset of str
        SHA-256 of the voxels of each of them, wherever they lie: a copy under another name.
    stated : str
        The patient's identifier in the DICOM headers, empty where there are none; it is compared
        between rows and goes nowhere.
    notes : tuple of str
        What was repaired or assumed on the way in, and what checks warned of.
    unlike : int
        How many inputs the parent would have refused as unlike its training data.
    """

    number: int
    patient: int
    where: str
    inputs: Mapping[str, Image]
    target: Image
    sha256: str
    image: str
    voxels: frozenset[str] = frozenset()
    stated: str = ""
    notes: tuple[str, ...] = ()
    unlike: int = 0

    @property
    def images(self) -> frozenset[str]:
        """What a card keeps of the images: it tells that one was learned from, and of whom not."""
        return frozenset(one[:32] for one in self.voxels)

    @property
    def fixed(self) -> Image:
        """The image whose grid the pair is learned on."""
        return next(iter(self.inputs.values()))


def open_pair(paths: PairPaths, number: int, patient: int, card: Card, kind: Wanted) -> SitePair:
    """Read a pair and check modality, frame of reference, spacing and field of view.

    Raises
    ------
    InputError
        Naming the row and what is wrong.
    """
    roles = list(paths.inputs)[:1] if kind.one else list(paths.inputs)
    try:
        inputs = {role: read(paths.inputs[role], modality=role) for role in roles}
        target = read(paths.target, modality=kind.target)
        # the target under another name: it may have the role of an input
        everything = {**inputs, "the target": target}
        hashes = {role: _sha256_of_voxels(image) for role, image in everything.items()}
        require_distinct(hashes)
        by_role = {role: check_input(card, role, image) for role, image in inputs.items()}
        of_target = [
            check
            for check in check_input(replace(card, kind="classical"), kind.target, target)
            if check.name != NOISE_CHECK  # a target has none to take away
        ]
        grids = (*check_grids(everything), *check_coverage(inputs))
    except SynthCoreError as error:
        raise InputError(f"In {paths.where}: {_nameless(str(error), paths)}") from error
    checks = (*(check for found in by_role.values() for check in found), *of_target, *grids)
    for check in checks:
        if check.outcome == "refuse" and not check.name.startswith(NOT_NEEDED):
            raise InputError(f"In {paths.where}: {check.message}")
    first = inputs[roles[0]]
    body = find_body(first)
    seen = reached(target, first)
    if not body.any() or float(seen[body].mean()) < LEAST_OVERLAP:
        raise InputError(
            f"In {paths.where}: {kind.target} reaches less than {LEAST_OVERLAP:.0%} of the body "
            f"in {roles[0]}; check that both are of one patient and one frame of reference."
        )
    laid = on_one_grid(inputs)
    return SitePair(
        number,
        patient,
        paths.where,
        laid,
        target,
        _sha256(*laid.values(), target),
        _sha256(target)[:32],
        frozenset(hashes.values()),
        _stated(first) or _stated(target),
        _notes(everything, checks),
        sum(_unlike(found) for found in by_role.values()),
    )


def _nameless(text: str, paths: PairPaths) -> str:
    """A message without the names of files in BIDS: a label of a subject may be a name."""
    if not paths.labeled:
        return text
    for role, path in {**paths.inputs, "target": paths.target}.items():
        text = text.replace(path.name, f"the file for {role}")
    return text


def _unlike(checks: Sequence[Check]) -> bool:
    return any(c.outcome == "refuse" and c.name.startswith(NOT_NEEDED) for c in checks)


def _notes(images: Mapping[str, Image], checks: Sequence[Check]) -> tuple[str, ...]:
    """What reading repaired or assumed, and what checks warned of; no more than an error tells."""
    placed_later = "grid of the target"  # a registration is to come
    told = [c.message for c in checks if c.outcome != "pass" and c.name != placed_later]
    return tuple(dict.fromkeys((*notes_of(images), *told)))


def require_one_name_each(pairs: Sequence[SitePair]) -> None:
    """Raise if two patients of the table are one person: the split would leak.

    Their headers name one patient, or an image of one is a copy of the other's.

    Raises
    ------
    InputError
        Naming both rows, and no patient.
    """
    owner: dict[str, SitePair] = {}
    whose: dict[str, SitePair] = {}
    for pair in pairs:
        for voxels in pair.voxels:
            other = whose.setdefault(voxels, pair)
            if other.patient != pair.patient:
                raise InputError(
                    f"An image of {pair.where} is a copy of one of {other.where}, and the table "
                    "says that they are of two patients; one of the rows is wrong, and the split "
                    "is by patient."
                )
        other = owner.setdefault(pair.stated, pair) if pair.stated else pair
        if other.patient != pair.patient:
            raise InputError(
                f"The headers of {pair.where} and of {other.where} name one patient, and the table "
                "two; give both rows the same name, since the split is by patient, or export again "
                "with an ID for each patient."
            )


def _stated(image: Image) -> str:
    header = image.source.headers[0] if image.source.headers else None
    return str(getattr(header, "PatientID", "") or "").strip()


def _sha256_of_voxels(image: Image) -> str:
    voxels = np.ascontiguousarray(image.voxels, dtype="<f4")
    return hashlib.sha256(str(voxels.shape).encode() + voxels.tobytes()).hexdigest()


def _sha256(*images: Image) -> str:
    digest = hashlib.sha256()
    for image in images:
        digest.update(np.ascontiguousarray(image.affine, dtype="<f8").tobytes())
        digest.update(np.ascontiguousarray(image.voxels, dtype="<f4").tobytes())
    return digest.hexdigest()
