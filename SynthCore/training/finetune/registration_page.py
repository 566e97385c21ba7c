"""The page on which a person sees the registrations, and which pairs stood on it by number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from SynthCore.staging import renewed
from SynthCore.training.finetune.place import Placed
from SynthCore.training.rigid_move import moved

PAGE, LIST = "registrations.html", "registrations.json"

_STYLE = (
    "body{font-family:sans-serif;margin:2em;max-width:70em}img{width:100%}"
    "td,th{padding:.2em .8em;text-align:left}.doubt{color:#b00;font-weight:bold}"
)


def last_shown(folder: Path) -> tuple[str, ...]:
    """What stood on the last page, in its order; nothing where there is none."""
    try:
        found = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # whatever cannot be read was not seen
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def shown(found: Sequence[Placed]) -> tuple[str, ...]:
    """What `last_shown` will tell of these: images and registration, in their order."""
    return tuple(one.picture.stem for one in found)


def write_page(
    folder: Path,
    found: Sequence[Placed],
    doubts: Mapping[int, Sequence[str]],
    judges: Sequence[Placed] = (),
) -> None:
    """Write `PAGE`, and then the list of what stands on it."""
    with renewed(folder / PAGE) as part:
        part.write_text(page(found, doubts, judges), encoding="utf-8", newline="\n")
    with renewed(folder / LIST) as part:
        part.write_text(json.dumps(shown(found)), encoding="utf-8")


def page(
    found: Sequence[Placed],
    doubts: Mapping[int, Sequence[str]],
    judges: Sequence[Placed] = (),
) -> str:
    """HTML: a picture and the figures of each registration; no name of a patient is on it.

    Parameters
    ----------
    found : sequence of Placed
        To be accepted.
    doubts : mapping
        Of registrations, by the number of the pair.
    judges : sequence of Placed
        Kept pairs that were deformed to judge by.
    """
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Registrations</title>",
        f"<style>{_STYLE}</style>",
        "<h1>Registrations to accept</h1>",
        "<p>Cyan is the outline of the body, yellow that of bone, in the image that was moved. "
        "Accept a pair only where both follow the image beneath, and the checkerboard shows no "
        "steps. Nothing is learned from the others.</p>",
    ]
    for one in found:
        parts.append(f"<h2>Pair {one.pair.number} ({escape(one.pair.where)})</h2>")
        parts += [
            f"<p class='doubt'>{escape(text)}</p>" for text in doubts.get(one.pair.number, ())
        ]
        if one.pair.notes:
            notes = "".join(f"<li>{escape(text)}</li>" for text in one.pair.notes)
            parts.append(f"<ul>{notes}</ul>")
        parts += _shown(one)
    if judges:
        parts.append(
            "<h1>What the model is judged by as well</h1>"
            "<p>Pairs of the patients kept, deformed by mutual information: by rigidly placed ones "
            "alone a model that learns what is misplaced would be the better for it. There is "
            "nothing to accept; where such a registration is wrong, its figures tell little.</p>"
        )
        for one in judges:
            parts.append(f"<h2>Pair {one.pair.number}, deformed ({escape(one.pair.where)})</h2>")
            parts += _shown(one)
    return "\n".join([*parts, "</html>", ""])


def _shown(one: Placed) -> list[str]:
    f = one.figures
    far, turned = moved(one.pair.fixed, one.place.rigid)
    rows = (
        ("moved by (mm), turned by (degrees)", f"{far:.1f}, {turned:.1f}"),
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
    picture = escape(one.picture.name)
    return [
        "<table>",
        *(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows),
        f"</table><img src='{picture}' alt='registration of pair {one.pair.number}'>",
    ]
