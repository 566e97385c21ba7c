"""Register a site's pairs, once, and show them to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

import SimpleITK as sitk

from SynthCore.request import Progress
from SynthCore.training.finetune.checked import SitePair
from SynthCore.training.placement import Placement, register
from SynthCore.training.registration_figures import RegistrationFigures, registration_figures
from SynthCore.training.registration_picture import draw_registration

How = Literal["none", "rigid", "deformable"]
PAGE = "registrations.html"


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
    """Register every pair, draw it, and write a page; what was done before is taken from `folder`.

    Parameters
    ----------
    pairs : sequence of SitePair
        As checked.
    how : str
        ``none`` leaves the pairs as they lie, ``rigid`` registers by mutual information,
        ``deformable`` deforms by it as well.
    folder : Path
        For registrations, pictures and `PAGE`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for n, pair in enumerate(pairs):
        # by the images, not by the row: a line put into the table changes no registration
        stem = f"pair-{how}-{pair.sha256[:16]}"
        kept, picture = folder / f"{stem}.npz", folder / f"{stem}.png"
        if kept.exists():
            place = Placement.load(kept)
        else:
            place = (
                Placement(sitk.Euler3DTransform())
                if how == "none"
                else register(pair.fixed, pair.target, deformable=how == "deformable")
            )
            place.save(kept)
        if not picture.exists():
            title = f"{pair.target.modality} on {pair.fixed.modality}"
            draw_registration(pair.fixed, pair.target, place, picture, title)
        figures = registration_figures(pair.fixed, pair.target, place)
        found.append(Placed(pair, place, figures, picture))
        if progress is not None:
            progress((n + 1) / len(pairs), "register")
    (folder / PAGE).write_text(page(found), encoding="utf-8", newline="\n")
    return found


def page(found: Sequence[Placed]) -> str:
    """HTML: a picture and the figures of each registration; no name of a patient is on it."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Registrations</title>",
        "<style>body{font-family:sans-serif;margin:2em;max-width:70em}img{width:100%}"
        "td,th{padding:.2em .8em;text-align:left}</style>",
        "<h1>Registrations to accept</h1>",
        "<p>Cyan is the outline of the body, yellow that of bone, in the image that was moved. "
        "Accept a pair only where both follow the image beneath, and the checkerboard shows no "
        "steps. Nothing is learned from the others.</p>",
    ]
    for one in found:
        f = one.figures
        rows = (
            ("mutual information as given, rigid, at the end (nats)",
             f"{f.information_before:.3f}, {f.information_rigid:.3f}, {f.information:.3f}"),
            ("median distance of the outlines, rigid and at the end (mm)",
             f"{f.outline_rigid_mm:.1f}, {f.outline_mm:.1f}"),
            ("displacement of the field, mean and largest (mm)",
             f"{f.displacement_mm:.1f}, {f.largest_displacement_mm:.1f}"),
            ("local change of volume, 1st and 99th percentile",
             f"{f.jacobian_least:.2f}, {f.jacobian_most:.2f}"),
            ("share of the body where the field folds", f"{f.folded:.2%}"),
            ("strain in bone", f"{f.bone_strain:.3f}"),
        )  # fmt: skip
        parts.append(f"<h2>Pair {one.pair.number} ({escape(one.pair.where)})</h2><table>")
        parts += [f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows]
        name = escape(one.picture.name)
        parts.append(f"</table><img src='{name}' alt='registration of pair {one.pair.number}'>")
    return "\n".join([*parts, "</html>", ""])
