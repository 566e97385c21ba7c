"""Which plans are made for a study: beams where none is given, curves, structures, doses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.planning.density import GENERIC, Curve, Kind, read_curve
from SynthCore.planning.engine.compute import ComputedDoses, compute_doses
from SynthCore.planning.engine.environment import require_engine
from SynthCore.planning.engine.request import (
    CURVES,
    LEAST_MM,
    MOST_MM,
    SPACING_MM,
    DosePlan,
    Modality,
)
from SynthCore.planning.path_length import Beam, path_lengths, points_in
from SynthCore.request import Cancelled, Progress, part_of

Mask = npt.NDArray[np.bool_]

REAL, SYNTHETIC = "the real CT", "the synthetic CT"
"""Names of the two CTs among the doses; comparators stand under their own."""

PRESCRIPTION_GY = 60.0
PHOTON_BEAMS = tuple(Beam(angle) for angle in (0.0, 72.0, 144.0, 216.0, 288.0))
LEAST_PHOTON_BEAMS, MOST_BEAMS = 3, 9
PROTON_WAYS = tuple(Beam(angle) for angle in range(0, 360, 30))
APART_DEG = 60.0
"""Of the two proton beams at least."""

SPOT_MM: Mapping[Modality, float] = {"photons": 7.0, "protons": 6.0}
AIMED_AT = 20
"""Points of the target by which the shortest ways are chosen."""


@dataclass(frozen=True)
class DoseOptions:
    """What shall be computed.

    Attributes
    ----------
    modalities : tuple
        ``photons``, ``protons`` or both.
    curves : mapping
        The site's curves by kind; generic ones where there is none.
    spacing_mm : float
        Of the dose grid.
    python : Path or None
        The engine's interpreter; the installed one's where None.
    """

    modalities: tuple[Modality, ...]
    curves: Mapping[Kind, Curve] = field(default_factory=dict)
    spacing_mm: float = SPACING_MM
    python: Path | None = None


def parse_modalities(texts: Sequence[str]) -> tuple[Modality, ...]:
    """Modalities as they are typed, each once.

    Raises
    ------
    InputError
        If one is neither photons nor protons.
    """
    known: tuple[Modality, ...] = get_args(Modality)
    for text in texts:
        if text not in known:
            raise InputError(f"A dose is computed for {' or '.join(known)}, not for {text[:40]!r}.")
    return tuple(one for one in known if one in texts)


def read_options(
    modalities: Sequence[str],
    spacing_mm: float = SPACING_MM,
    curves: Sequence[str] = (),
    site: Curve | None = None,
) -> DoseOptions | None:
    """Options as they are typed; None where no modality is.

    Parameters
    ----------
    curves : sequence of str
        ``red=FILE.csv`` or ``spr=FILE.csv``.
    site : Curve, optional
        The curve of the whole check, of either kind.

    Raises
    ------
    InputError
        If something is misspelled or cannot be read, or the engine is not installed: said before
        anything is computed.
    """
    wanted = parse_modalities(modalities)
    if not wanted:
        if curves:
            raise InputError("A curve for dose was given and no dose was asked for: add --dose.")
        return None
    if not LEAST_MM <= spacing_mm <= MOST_MM:
        raise InputError(
            f"A dose grid of {spacing_mm:g} mm is out of range: choose {LEAST_MM:g} to {MOST_MM:g}."
        )
    found: dict[Kind, Curve] = {} if site is None else {site.kind: site}
    for text in curves:
        kind, _, path = text.partition("=")
        known: Sequence[Kind] = get_args(Kind)
        if kind not in known or not path:
            raise InputError(f"A curve for dose is red=FILE or spr=FILE, not {text[:60]!r}.")
        found |= {one: read_curve(Path(path), one) for one in known if one == kind}
    return DoseOptions(wanted, found, spacing_mm, require_engine())


def doses_of_study(
    cts: Mapping[str, Image],
    bodies: Mapping[str, Mask],
    target: Mask,
    options: DoseOptions,
    *,
    beams: Sequence[Beam] = (),
    prescription_gy: float | None = None,
    notes: list[str],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> tuple[ComputedDoses, ...]:
    """Doses of every modality that was asked for.

    Parameters
    ----------
    cts, bodies : mapping
        As of `compute_doses`; the real CT first, under `REAL`.
    target : numpy.ndarray of bool
        [k, j, i].
    beams : sequence of Beam
        Directions that are given; sensible ones where there are none.
    notes : list of str
        Takes what a reader should know.

    Raises
    ------
    InputError
        If the engine is not installed, or as `compute_doses`.
    """
    python = options.python or require_engine()
    found = []
    many = len(options.modalities)
    for n, modality in enumerate(options.modalities):
        kind = CURVES[modality]
        curve = options.curves.get(kind, GENERIC[kind])
        if curve.generic:
            notes.append(f"Dose of {modality} by the {curve.name} curve: not a site's calibration.")
        real = cts[REAL]
        density = curve.within(bodies[REAL], real.voxels)
        ways = beams_for(modality, beams, density, real, target, notes)
        plan = DosePlan(
            modality, ways, prescription_gy or PRESCRIPTION_GY, options.spacing_mm,
            SPOT_MM[modality],
        )  # fmt: skip
        found.append(
            compute_doses(
                plan, cts, bodies, target, curve, python=python, cancelled=cancelled,
                progress=part_of(progress, n / many, (n + 1) / many),
            )
        )  # fmt: skip
    return tuple(found)


def beams_for(
    modality: Modality,
    given: Sequence[Beam],
    density: npt.NDArray[np.float32],
    image: Image,
    target: Mask,
    notes: list[str],
) -> tuple[Beam, ...]:
    """The beams that are given, or five of photons all round, or two of protons by short ways."""
    few = modality == "photons" and len(given) < LEAST_PHOTON_BEAMS
    if given and not few and len(given) <= MOST_BEAMS:
        return tuple(given)
    if given:
        notes.append(
            f"{len(given)} directions are too {'few' if few else 'many'} for {modality} here: "
            f"{'five beams all round' if modality == 'photons' else 'two beams by short ways'} "
            "were planned instead."
        )
    if modality == "photons":
        return PHOTON_BEAMS
    points = points_in(target, image.affine, AIMED_AT)
    way = {b: float(path_lengths(density, image.affine, b, points).mean()) for b in PROTON_WAYS}
    ordered = sorted(PROTON_WAYS, key=lambda b: way[b])
    first = ordered[0]
    second = next(
        b for b in ordered if APART_DEG <= abs(b.gantry - first.gantry) <= 360 - APART_DEG
    )
    return (first, second)
