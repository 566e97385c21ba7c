"""Register a site's pairs, once, and draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import SimpleITK as sitk

from SynthCore.errors import CancelledError
from SynthCore.request import Cancelled, Progress, part_of
from SynthCore.training.deformable import deform_by_mutual_information
from SynthCore.training.finetune.checked import SitePair
from SynthCore.training.placement import Placement, register
from SynthCore.training.registration_figures import RegistrationFigures, registration_figures
from SynthCore.training.registration_picture import draw_registration

How = Literal["none", "rigid", "deformable"]


@dataclass(frozen=True)
class Placed:
    """A pair, and where its target lies on its input."""

    pair: SitePair
    place: Placement
    figures: RegistrationFigures
    picture: Path


def place_pairs(
    pairs: Sequence[SitePair], how: How, folder: Path, progress: Progress | None = None
) -> list[Placed]:
    """Register every pair and draw it; what was done before is taken from `folder`.

    Parameters
    ----------
    pairs : sequence of SitePair
        As checked.
    how : str
        ``none`` leaves the pairs as they lie, ``rigid`` registers by mutual information,
        ``deformable`` deforms by it as well.
    folder : Path
        For registrations and pictures.

    Raises
    ------
    InputError
        If a registration that was kept is broken.
    """

    def move(n: int, pair: SitePair) -> Placement:
        if how == "none":
            return Placement(sitk.Euler3DTransform())
        tell = part_of(progress, n / len(pairs), (n + 1) / len(pairs), before=f"pair {n + 1}, ")
        return register(pair.fixed, pair.target, deformable=how == "deformable", progress=tell)

    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for n, pair in enumerate(pairs):
        found.append(_place(pair, how, folder, lambda: move(n, pair)))  # noqa: B023
        if progress is not None:
            progress((n + 1) / len(pairs), f"pair {n + 1}, register")
    return found


def place_again(
    placed: Sequence[Placed],
    folder: Path,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> list[Placed]:
    """Pairs that were moved rigidly, deformed from there: not to learn from, but to judge by.

    Raises
    ------
    CancelledError
        Between two pairs; those that were deformed are kept.
    """

    def deform(one: Placed) -> Placement:
        pair, rigid = one.pair, one.place.rigid
        return Placement(rigid, deform_by_mutual_information(pair.fixed, pair.target, rigid))

    found = []
    for n, one in enumerate(placed):
        if cancelled is not None and cancelled():
            raise CancelledError(
                "Cancelled; what was registered so far is kept, and the same command goes on."
            )
        found.append(_place(one.pair, "deformable", folder, lambda: deform(one)))  # noqa: B023
        if progress is not None:
            progress((n + 1) / len(placed), "deform the kept")
    return found


def _place(pair: SitePair, how: How, folder: Path, move: Callable[[], Placement]) -> Placed:
    # by the images, not by the row: a line put into the table changes no registration
    stem = f"pair-{how}-{pair.sha256[:16]}"
    kept, picture = folder / f"{stem}.npz", folder / f"{stem}.png"
    if kept.exists():
        place = Placement.load(kept)
    else:
        place = move()
        place.save(kept)
    if not picture.exists():
        title = f"{pair.target.modality} on {pair.fixed.modality}"
        draw_registration(pair.fixed, pair.target, place, picture, title)
    return Placed(pair, place, registration_figures(pair.fixed, pair.target, place), picture)
