"""The table of wishes: which lesions, how large, where, and in how many images."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.files.csv_table import Row, read_rows
from SynthCore.lesions.wish import LesionWish, Point

COLUMNS = (
    "kind", "volume_ml", "site", "at", "contrast", "texture", "mass_effect", "images", "lesions",
    "studies", "side", "region",
)  # fmt: skip
MOST_SUBJECTS = 100_000


@dataclass(frozen=True)
class WishRow:
    """One line of the table.

    Attributes
    ----------
    kind : str
        A key of `SynthCore.lesions.kinds.KINDS`.
    volume_ml, contrast, texture, mass_effect : tuple of float
        Least and largest; volumes are drawn evenly on a logarithmic scale, the others evenly.
    sites : tuple of str
        Rules of the kind, one drawn for each lesion; empty for the kind's own.
    at : tuple of float, optional
        Center in LPS mm, instead of a site.
    images, lesions : int
        How many images, and how many lesions in each.
    studies : tuple of str
        Names of the studies to use, empty for all of them.
    line : int
        Of the file, by which errors name it.
    sides, regions : tuple of str
        Of the brain, one of each drawn for each lesion; empty for anywhere.
    """

    kind: str
    volume_ml: tuple[float, float]
    sites: tuple[str, ...] = ()
    at: Point | None = None
    contrast: tuple[float, float] = (1.0, 1.0)
    texture: tuple[float, float] = (1.0, 1.0)
    mass_effect: tuple[float, float] = (1.0, 1.0)
    images: int = 1
    lesions: int = 1
    studies: tuple[str, ...] = ()
    line: int = 0
    sides: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def read_wishes(path: Path) -> tuple[WishRow, ...]:
    """The wishes of a CSV table.

    Needed are the columns ``kind`` and ``volume_ml``. A range is ``LOW-HIGH``; ``at`` is three
    numbers in LPS mm; several sites, sides, regions or studies stand in one cell with ``;``
    between.

    Raises
    ------
    InputError
        If the table cannot be read, or a lesion it asks for cannot be.
    """
    found = tuple(_wish(row) for row in read_rows(path, COLUMNS, ("kind", "volume_ml")))
    if sum(one.images for one in found) > MOST_SUBJECTS:
        raise InputError(f"The table {path.name} asks for more than {MOST_SUBJECTS} images.")
    return found


def _wish(row: Row) -> WishRow:
    at = row.numbers("at")
    if at and len(at) != 3:
        raise row.wrong("at", "three numbers X Y Z in LPS mm")
    made = WishRow(
        kind=row.text("kind"),
        volume_ml=row.span("volume_ml", (0.0, 0.0)),
        sites=row.words("site"),
        at=(at[0], at[1], at[2]) if at else None,
        contrast=row.span("contrast", (1.0, 1.0)),
        texture=row.span("texture", (1.0, 1.0)),
        mass_effect=row.span("mass_effect", (1.0, 1.0)),
        images=row.count("images", 1),
        lesions=row.count("lesions", 1),
        studies=row.words("studies"),
        line=row.line,
        sides=row.words("side"),
        regions=row.words("region"),
    )
    if not made.volume_ml[0]:
        raise row.wrong("volume_ml", "given")
    # both ends are asked for once, so that a wrong line is told before anything is computed
    places = itertools.product(
        (0, 1), made.sites or (None,), made.sides or (None,), made.regions or (None,)
    )
    for end, site, side, region in places:
        try:
            LesionWish(made.kind, made.volume_ml[end], made.at, site, made.contrast[end],
                       made.texture[end], made.mass_effect[end], side=side,
                       region=region)  # fmt: skip
        except InputError as error:
            raise InputError(f"Line {row.line} of {row.table}: {error}") from error
    return made
