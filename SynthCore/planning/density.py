"""From CT number to relative density, by a curve: the site's own, or a generic one named as such.

A curve is a list of points (HU, value), linear between them and constant beyond. ``red`` is the
electron density relative to water's, which photons follow; ``spr`` is the proton stopping power
relative to water's.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError

Kind = Literal["red", "spr"]
Float32 = npt.NDArray[np.float32]

MOST_BYTES = 100_000
LEAST_HU, MOST_HU = -2000.0, 40_000.0
MOST_VALUE = 20.0
WATER = (0.9, 1.1)
"""A curve whose value at 0 HU lies outside is of another quantity, such as mg/cm3."""


@dataclass(frozen=True)
class Curve:
    """A calibration curve.

    Attributes
    ----------
    name : str
        For reports: the file's name, or ``generic ...``.
    kind : {'red', 'spr'}
        What the values are.
    hu, values : tuple of float
        Points, HU ascending.
    generic : bool
        Whether it is one of ours rather than the site's.
    source : str
        Where it comes from.
    """

    name: str
    kind: Kind
    hu: tuple[float, ...]
    values: tuple[float, ...]
    generic: bool = False
    source: str = ""

    def __call__(self, hu: npt.NDArray[Any]) -> Float32:
        """Relative density of CT numbers, any shape, float32."""
        found: Float32 = np.interp(hu, self.hu, self.values).astype(np.float32)
        return found

    def within(self, body: npt.NDArray[np.bool_], hu: npt.NDArray[Any]) -> Float32:
        """Relative density inside a body and nothing elsewhere (no couch), float32."""
        return np.where(body, self(hu), np.float32(0))

    def beyond(self, hu: npt.NDArray[Any]) -> float:
        """Share of the voxels whose CT number lies outside the curve's points."""
        if hu.size == 0:
            return 0.0
        return float(np.mean((hu < self.hu[0]) | (hu > self.hu[-1])))

    def sha256(self) -> str:
        """Hash of kind and points, for reports."""
        text = f"{self.kind}:" + ";".join(
            f"{h:.6g},{v:.6g}" for h, v in zip(self.hu, self.values, strict=True)
        )
        return hashlib.sha256(text.encode()).hexdigest()


_POINTS_HU = (-1000.0, -800.0, -500.0, -70.0, 0.0, 50.0, 230.0, 900.0, 3071.0)
GENERIC_RED = Curve(
    "generic electron density",
    "red",
    _POINTS_HU,
    (0.001, 0.190, 0.489, 0.949, 1.000, 1.043, 1.117, 1.456, 2.554),
    generic=True,
    source="electron densities that the maker of the CIRS 062M phantom states, at CT numbers usual "
    "at 120 kV; beyond dense bone the last line goes on",
)
GENERIC_SPR = Curve(
    "generic stopping power",
    "spr",
    _POINTS_HU,
    (0.001, 0.189, 0.487, 0.964, 1.000, 1.038, 1.095, 1.390, 2.375),
    generic=True,
    source="the generic electron density times ratios of stopping numbers typical of "
    "stoichiometric calibration (Schneider et al., Phys Med Biol 1996;41:111): fat 1.016, "
    "muscle 0.995, dense bone 0.955",
)
GENERIC: dict[Kind, Curve] = {"red": GENERIC_RED, "spr": GENERIC_SPR}
"""Good for comparing two images of one patient by one curve; never a site's calibration."""


def read_curve(path: Path, kind: Kind) -> Curve:
    """A site's curve from CSV: two columns, HU and value; a header line may stand above.

    Parameters
    ----------
    path : Path
        Comma, semicolon or tab between the columns.
    kind : {'red', 'spr'}
        What the values are; the file does not say.

    Raises
    ------
    InputError
        If the file cannot be read, has fewer than two points, HU does not ascend, values fall, or
        they are not relative to water.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"The curve {path.name} is too large: give HU and value a line.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The curve {path.name} cannot be read: give a CSV file.") from error
    return parse_curve(text, path.name, kind)


def parse_curve(text: str, name: str, kind: Kind) -> Curve:
    """A curve from the text of its file; see `read_curve`."""
    separator = next((s for s in ";\t" if s in text), ",")
    points: list[tuple[float, float]] = []
    named = False
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise InputError(f"The curve {name} cannot be read: give HU and value a line.") from error
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells or cells[0].startswith("#"):
            continue
        try:
            hu, value = (float(cell) for cell in cells)
        except ValueError as error:
            if not points and not named:  # names of the columns
                named = True
                continue
            raise InputError(
                f"Line {number} of the curve {name} is not a pair of numbers: give HU and value."
            ) from error
        points.append((hu, value))
    _require(points, name)
    return Curve(name, kind, tuple(h for h, _ in points), tuple(v for _, v in points))


def _require(points: list[tuple[float, float]], name: str) -> None:
    if len(points) < 2:
        raise InputError(f"The curve {name} has fewer than two points: give HU and value a line.")
    hu, values = (np.array(column) for column in zip(*points, strict=True))
    inside = (hu >= LEAST_HU) & (hu <= MOST_HU) & (values >= 0) & (values <= MOST_VALUE)
    if not inside.all():
        raise InputError(
            f"The curve {name} has a point out of range, {hu[~inside][0]:g} HU: "
            f"{values[~inside][0]:g}; values are relative to water."
        )
    if np.any(np.diff(hu) <= 0):
        at = int(np.argmax(np.diff(hu) <= 0))
        raise InputError(f"The curve {name} is not ascending in HU after {hu[at]:g} HU.")
    if np.any(np.diff(values) < 0):
        at = int(np.argmax(np.diff(values) < 0))
        raise InputError(f"The curve {name} is not monotonic: it falls after {hu[at]:g} HU.")
    water = float(np.interp(0.0, hu, values))
    if not WATER[0] <= water <= WATER[1]:
        raise InputError(
            f"The curve {name} gives {water:g} for water: its values are not relative to water."
        )
