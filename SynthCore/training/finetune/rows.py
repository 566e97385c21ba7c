"""A site's pairs as paths: the rows of a table, or the sessions of a BIDS folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PairPaths:
    """One row.

    Attributes
    ----------
    where : str
        How messages name it: ``row 3 of pairs.csv``.
    patient : str
        As the site writes it; it goes nowhere but into the split.
    inputs : mapping
        Paths by role.
    target : Path
        Of the image to learn.
    labeled : bool
        Whether file names hold the label of a subject, which may be a name.
    """

    where: str
    patient: str
    inputs: Mapping[str, Path]
    target: Path
    labeled: bool = False


@dataclass(frozen=True)
class Table:
    """All pairs.

    Attributes
    ----------
    pairs : tuple of PairPaths
        In their order.
    left_out : tuple of str
        Sessions of a BIDS folder that have an image to use, and make no pair.
    """

    pairs: tuple[PairPaths, ...]
    left_out: tuple[str, ...] = ()
