"""What is drawn of a cone-beam scan: a record that goes to JSON and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from SynthCore.physics.cone_beam.scatter import Scatter


@dataclass(frozen=True)
class Motion:
    """The patient moves as a whole within the slice, (x, y).

    Attributes
    ----------
    swing_mm, cycles, angle, phase : float
        A swing of that amplitude, its number during the turn, direction and phase (radians).
    jump_mm, jump_at, jump_angle : float
        A step of that length at that share of the turn, in that direction.
    """

    swing_mm: float = 0.0
    cycles: float = 15.0
    angle: float = 1.57
    phase: float = 0.0
    jump_mm: float = 0.0
    jump_at: float = 0.5
    jump_angle: float = 0.0


@dataclass(frozen=True)
class Metal:
    """A round piece of metal.

    Attributes
    ----------
    slice_share, rank : float
        In [0, 1): which slice, and which voxel among those of the body in it.
    radius_mm, half_length_mm : float
        In the slice, and along the slices.
    hu : float
        Titanium about 10,000, steel 30,000.
    """

    slice_share: float
    rank: float
    radius_mm: float
    half_length_mm: float
    hu: float


@dataclass(frozen=True)
class ConeBeam:
    """A cone-beam scan and its reconstruction. The defaults are of one without any fault.

    Attributes
    ----------
    views : int
        Over a full turn.
    source_mm : float
        Source to center.
    field_mm : float
        Diameter of the field of view.
    center_mm : tuple of float
        (x, y) of the center of rotation from the middle of the slices.
    extent_mm : float
        Length of the beam along the slices; beyond it nothing is seen.
    pitch_mm : float
        Distance of rays at the center.
    counts : float or None
        Photons a square millimeter and view behind the thickest part of the patient (exposure is
        set by site or automatically); None for no noise.
    electronic : float
        Standard deviation of the electronic noise, in photons.
    seed : int
        Of the noise and the detector's gains.
    bowtie_mm : float or None
        Radius of the water cylinder the bowtie filter is shaped for.
    bowtie_strength : float
        Share of the missing path that it makes up for.
    hardness : float
        Of the beam, 0 (100 kV) to 1 (125 kV); None for a beam of one energy.
    hardening_corrected : float
        Share of water's beam hardening that the scanner corrects.
    scatter : Scatter
        And its correction.
    blur_mm : float
        Standard deviation of the detector's spread, at the center.
    lag : float
        Share of a view's signal that shows in the next (0.02 to 0.05 for amorphous silicon:
        Siewerdsen and Jaffray, Med Phys 1999;26:2635).
    gain_error : float
        Relative standard deviation of the detector elements' gains: rings.
    cutoff_per_mm : float
        Where the reconstruction's Hann window ends.
    extension_mm : float
        How far a truncated view is continued.
    calibrated_mm : float or None
        Thickness of the slab of water behind which the scanner reads 0, scatter included; None for
        no such calibration. A cylinder of that diameter has more scatter and still reads low, by 23
        to 66 HU in its center in scans of moderate scatter: cupping.
    gain, offset_hu : float
        Further miscalibration: attenuation times gain, plus offset.
    motion : Motion
        Of the patient.
    metal : tuple of Metal
        Put into the patient.
    """

    views: int = 360
    source_mm: float = 1000.0
    field_mm: float = 480.0
    center_mm: tuple[float, float] = (0.0, 0.0)
    extent_mm: float = 10000.0
    pitch_mm: float = 1.0
    counts: float | None = None
    electronic: float = 0.0
    seed: int = 0
    bowtie_mm: float | None = None
    bowtie_strength: float = 0.5
    hardness: float | None = None
    hardening_corrected: float = 1.0
    scatter: Scatter = field(default_factory=Scatter)
    blur_mm: float = 0.0
    lag: float = 0.0
    gain_error: float = 0.0
    cutoff_per_mm: float = 0.8
    extension_mm: float = 0.0
    calibrated_mm: float | None = None
    gain: float = 1.0
    offset_hu: float = 0.0
    motion: Motion = field(default_factory=Motion)
    metal: tuple[Metal, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ConeBeam:
        """The scan that `to_json` wrote."""
        plain = dict(values)
        plain["center_mm"] = tuple(plain["center_mm"])
        plain["scatter"] = Scatter(**plain["scatter"])
        plain["motion"] = Motion(**plain["motion"])
        plain["metal"] = tuple(Metal(**one) for one in plain["metal"])
        return cls(**plain)
