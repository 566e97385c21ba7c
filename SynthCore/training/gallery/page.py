"""The page itself: one HTML file with every picture in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import SynthCore
from SynthCore.errors import InputError
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.quality.pages import environment
from SynthCore.request import Progress
from SynthCore.staging import new_files
from SynthCore.training.gallery import sections
from SynthCore.training.gallery.heads import read_heads
from SynthCore.training.gallery.projections import projections
from SynthCore.training.gallery.sections import Row, Section

_TEMPLATES = Path(__file__).parent / "templates"


def write_gallery(
    out: Path,
    *,
    labels: Path | None = None,
    persons: int = 4,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write the page.

    Parameters
    ----------
    out : Path
        The HTML file; its folder exists, it does not.
    labels : Path, optional
        Folder of whole-head label maps in SynthSeg's numbers; the digital phantom where not given.
    persons : int
        How many people to show, at least 1.
    seed : int
        Another seed, other people and scanners.
    progress : callable, optional
        Told a fraction and a stage.

    Returns
    -------
    dict
        How many pictures each section holds.

    Raises
    ------
    InputError
        If there are no label maps, or the file exists.
    """
    tell = progress or (lambda fraction, stage: None)
    if out.exists():
        raise InputError(f"{out.name} is there already; give another file with --out.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent.name} to write {out.name} into.")
    tell(0.0, "label maps")
    heads = read_heads(labels, persons)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    made = list(_sections(heads, rng, persons, tell))
    _write(out, made, seed, labels is None)
    tell(1.0, "done")
    return {section.title: sum(len(row.pictures) for row in section.rows) for section in made}


def _write(out: Path, made: list[Section], seed: int, phantom: bool) -> None:
    with new_files(out) as (unfinished,):
        templates = environment(_TEMPLATES)
        page = templates.get_template("gallery.html.j2").render(
            sections=made, seed=seed, version=SynthCore.__version__,
            source="the digital head phantom" if phantom else "label maps",
        )  # fmt: skip
        unfinished.write_text(page, encoding="utf-8")


def _sections(
    heads: list[tuple[str, Anatomy]], rng: np.random.Generator, persons: int, tell: Progress
) -> Iterator[Section]:
    parts: tuple[tuple[str, str, Callable[[], Iterator[Row]]], ...] = (
        (
            "People",
            "Random people by random scanners, as a training sees them: every sequence, and CT in "
            "two windows. T1c is the same person after contrast agent.",
            lambda: sections.people(heads, rng, persons),
        ),
        ("Three planes", "One head, fine slices.", lambda: sections.planes(heads, rng)),
        (
            "Lesions",
            "Every kind in every sequence, by quiet scanners.",
            lambda: sections.lesions(heads, rng),
        ),
        (
            "Fluid around the brain",
            "One person with the label map's spaces and with wider ones, by quiet scanners.",
            lambda: sections.wide_spaces(heads, rng),
        ),
        (
            "A scanner's shortcomings",
            "Each off and on, all else the same, in one gray scale.",
            lambda: sections.shortcomings(heads, rng),
        ),
        (
            "CT kernels",
            "By kernel and noise, in the soft-tissue and bone windows.",
            lambda: sections.kernels(heads, rng),
        ),
        (
            "CT in the projection domain",
            "Less dose by fewer photons, and implants of titanium or steel that harden the beam "
            "and starve the detector.",
            lambda: projections(heads, rng),
        ),
    )
    for number, (title, text, make) in enumerate(parts):
        tell(0.15 + 0.85 * number / len(parts), title.lower())
        yield Section(title, text, tuple(make()))
