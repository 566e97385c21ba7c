"""What is asked of a lesion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from SynthCore.errors import InputError
from SynthCore.lesions.kinds import KINDS, Kind

Point = tuple[float, float, float]

SIDES = ("left", "right")
"""Of the patient."""

REGIONS = ("frontal", "temporal", "parietal", "occipital", "deep", "cerebellum")
"""Of the brain, by proportions (`SynthCore.lesions.regions`); deep: basal ganglia, thalamus and
what lies between them."""

_IN_A_SENTENCE = {"infarct": "an infarct", "ms-plaques": "ms-plaques"}

_RANGES = {"contrast": (0.1, 3.0), "texture": (0.0, 3.0), "mass_effect": (0.0, 3.0)}


@dataclass(frozen=True)
class LesionWish:
    """A lesion to be placed; the same wish in the same images gives the same voxels.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    volume_ml : float
        Of the mask: the lesion without the edema around it; of all plaques together.
    at : tuple of float, optional
        Its center, LPS mm. A single plaque where the kind is ``ms-plaques``.
    site : str, optional
        A rule for its place, one of the kind's `sites`; the kind's first where neither is given.
    side : str, optional
        One of `SIDES`, the patient's; brain alone. It narrows what the site allows.
    region : str, optional
        One of `REGIONS`; brain alone. It narrows what the site allows; where no site is given, the
        first of the kind's that has a place in the region is taken.
    contrast : float
        Of its difference to healthy tissue; 1 as published, 0.1 to 3.
    texture : float
        Of its inner irregularity; 1 as published, 0 to 3.
    mass_effect : float
        Of the displacement around it; 1 as usual for its kind, 0 to 3.
    seed : int
        Of its shape, texture and place.

    Raises
    ------
    InputError
        If the wish cannot be granted for any image.
    """

    kind: str
    volume_ml: float
    at: Point | None = None
    site: str | None = None
    contrast: float = 1.0
    texture: float = 1.0
    mass_effect: float = 1.0
    seed: int = 0
    side: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(
                f"There is no kind of lesion {self.kind!r}; there are {', '.join(KINDS)}."
            )
        low, high = self.what.volume_ml
        if not low <= self.volume_ml <= high:
            raise InputError(
                f"A volume of {self.volume_ml:g} ml is not that of {self.named}; ask for "
                f"{low:g} to {high:g} ml."
            )
        if self.at is not None and (len(self.at) != 3 or not all(map(math.isfinite, self.at))):
            raise InputError("The place of a lesion is three numbers in mm: X,Y,Z in LPS.")
        if self.at is not None and self.site is not None:
            raise InputError("Name the place of a lesion by a point or by a site, not by both.")
        self._check_region()
        if self.site is not None and self.site not in self.what.sites:
            raise InputError(
                f"The kind {self.kind} has no site {self.site!r}; it has "
                f"{', '.join(self.what.sites)}."
            )
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:  # also where it is not a number
                raise InputError(
                    f"The {name.replace('_', ' ')} is {value:g}; give {least:g} to {most:g}."
                )
        if self.seed < 0:
            raise InputError("The seed of a lesion is a whole number from 0 up.")

    def _check_region(self) -> None:
        for name, value, known in (
            ("side", self.side, SIDES),
            ("region", self.region, REGIONS),
        ):
            if value is None:
                continue
            if value not in known:
                raise InputError(
                    f"There is no {name} {value!r} of a lesion; there are {', '.join(known)}."
                )
            if self.at is not None:
                raise InputError(
                    f"Name the place of a lesion by a point or by a {name}, not by both."
                )
            if self.what.organ != "brain":
                raise InputError(
                    f"The kind {self.kind} has no {name}, only lesions of the brain have one; "
                    "leave it out, or name a point."
                )

    @property
    def named(self) -> str:
        """Its kind in a sentence."""
        return _IN_A_SENTENCE.get(self.kind, f"a {self.kind}")

    @property
    def what(self) -> Kind:
        """Its kind."""
        return KINDS[self.kind]

    def to_dict(self) -> dict[str, Any]:
        """For a record or a table; `from_dict` is the way back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LesionWish:
        """The wish of `to_dict`.

        Raises
        ------
        InputError
            If it is none.
        """
        try:
            at = data.get("at")
            found = dict(data) | {"at": None if at is None else tuple(float(v) for v in at)}
            return cls(**found)
        except (TypeError, ValueError) as error:
            raise InputError(f"This is not a wish for a lesion: {error}.") from error
