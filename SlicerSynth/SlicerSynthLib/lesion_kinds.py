"""Kinds of lesion that the engine places, as it tells them when it says who it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHERE_YOU_LOOK, AT_A_POINT = "@look", "@point"
"""Places that are no rule of the engine: the slice that is looked at, a point of the scene."""
FROM_A_POINT = ("liver",)
"""Organs that the engine finds from a point in them, so that no rule helps."""


@dataclass(frozen=True)
class LesionKind:
    """One kind.

    Attributes
    ----------
    name, title : str
        For the engine; for a person.
    organ : str
        What it lies in.
    roles, sites : tuple of str
        Images it is placed in; rules for its place, the usual one first.
    regions, sides : tuple of str
        Parts and sides of the brain that it can be asked for in; none for other organs.
    volume_ml : tuple of float
        The smallest and the largest.
    blend : bool
        Whether its border can be blended.
    """

    name: str
    title: str
    organ: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    volume_ml: tuple[float, float]
    regions: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    blend: bool = False

    @property
    def usual_ml(self) -> float:
        """A volume between both ends of what there is: their geometric mean, to one digit."""
        return float(f"{math.sqrt(self.volume_ml[0] * self.volume_ml[1]):.0e}")

    def places(self, organ_given: bool = False) -> tuple[str, ...]:
        """Where it can be placed, the usual place first; more where its organ is given."""
        rules = () if self.organ in FROM_A_POINT and not organ_given else self.sites
        return (*rules, WHERE_YOU_LOOK, AT_A_POINT)


def kinds_in(greeting: Mapping[str, Any]) -> dict[str, LesionKind]:
    """Kinds by name; none where the engine is older than they are."""
    found = {}
    for one in greeting.get("lesions") or ():
        low, high = one["volume_ml"]
        found[str(one["name"])] = LesionKind(
            str(one["name"]), str(one["title"]), str(one["organ"]),
            tuple(one["roles"]), tuple(one["sites"]), (float(low), float(high)),
            tuple(one.get("regions") or ()), tuple(one.get("sides") or ()),
            one.get("blend") is True,
        )  # fmt: skip
    return found
