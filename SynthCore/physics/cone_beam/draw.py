"""Draw cone-beam scans as clinics make them: treatment machines, C-arms, dental scanners.

Ranges. Treatment machines turn once around the patient with 300 to 660 views at 1000 mm, see
240 to 270 mm with a centered detector and 450 to 500 mm with a shifted one; angiography C-arms and
dental scanners take 120 to 400 views of 160 to 250 mm from 600 to 800 mm (Jaffray et al., Int J
Radiat Oncol Biol Phys 2002;53:1337; Fahrig et al., Med Phys 2006;33:4541 for C-arms; Pauwels et
al., Dentomaxillofac Radiol 2015;44:20140224 for dental CBCT). Scatter as in `scatter`, from a
scanner with grid and correction to one with neither. CT numbers of CBCT are off by tens to more
than a hundred HU (Yoo and Yin, Int J Radiat Oncol Biol Phys 2006;66:1553).
"""

from __future__ import annotations

import math

import numpy as np

from SynthCore.physics.cone_beam.scan import ConeBeam, Metal, Motion
from SynthCore.physics.cone_beam.scatter import Scatter

MOST_VIEWS = 400


def draw_cone_beam(rng: np.random.Generator, patient_mm: float) -> ConeBeam:
    """A scan of a patient.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of everything random.
    patient_mm : float
        Width of the patient, or of the volume: it decides which fields of view are used.
    """
    wide = patient_mm > 230 and rng.random() < 0.75
    small = not wide and rng.random() < 0.3
    field = rng.uniform(440, 500) if wide else rng.uniform(150, 200) if small else rng.uniform(
        235, 270)  # fmt: skip
    wander = 0.05 * min(patient_mm, field)
    return ConeBeam(
        views=round(math.exp(rng.uniform(math.log(120), math.log(MOST_VIEWS)))),
        source_mm=float(rng.uniform(600, 800) if small else 1000.0),
        field_mm=float(field),
        center_mm=(float(rng.normal(0, wander)), float(rng.normal(0, wander))),
        extent_mm=float(rng.uniform(140, 280)),
        pitch_mm=1.0,
        counts=float(np.exp(rng.uniform(np.log(150), np.log(6000)))),
        electronic=float(rng.uniform(2, 12)),
        seed=int(rng.integers(2**31)),
        bowtie_mm=float(rng.uniform(0.45, 0.6) * min(patient_mm, field))
        if rng.random() < 0.6
        else None,
        bowtie_strength=float(rng.uniform(0.3, 0.7)),
        hardness=float(rng.random()),
        hardening_corrected=float(rng.choice([1.0, rng.uniform(0.3, 1.0)])),
        scatter=_draw_scatter(rng),
        blur_mm=float(rng.uniform(0.0, 0.6)),
        lag=float(rng.uniform(0, 0.05)) if rng.random() < 0.5 else 0.0,
        gain_error=float(rng.uniform(0, 0.004)) if rng.random() < 0.4 else 0.0,
        cutoff_per_mm=float(rng.uniform(0.45, 1.0)),
        extension_mm=0.0 if rng.random() < 0.15 else float(rng.uniform(15, 120)),
        calibrated_mm=float(rng.uniform(140, 320)) if rng.random() < 0.7 else None,
        gain=float(rng.normal(1, 0.03)),
        offset_hu=float(rng.normal(0, 25)),
        motion=_draw_motion(rng),
        metal=_draw_metal(rng),
    )


def _draw_scatter(rng: np.random.Generator) -> Scatter:
    return Scatter(
        ratio=float(np.exp(rng.uniform(np.log(0.15), np.log(2.0)))),
        power=float(rng.uniform(1.0, 1.5)),
        width_mm=float(rng.uniform(30, 90)),
        corrected=float(rng.uniform(0.3, 1.05)) if rng.random() < 0.7 else 0.0,
        guess_mm=float(rng.uniform(10, 120)),
    )


def _draw_motion(rng: np.random.Generator) -> Motion:
    breathes, moves = rng.random() < 0.35, rng.random() < 0.1
    return Motion(
        swing_mm=float(rng.uniform(0.3, 2.5)) if breathes else 0.0,
        cycles=float(rng.uniform(8, 20)),
        angle=float(rng.normal(math.pi / 2, 0.4)),
        phase=float(rng.uniform(0, 2 * math.pi)),
        jump_mm=float(rng.uniform(0.5, 3.0)) if moves else 0.0,
        jump_at=float(rng.uniform(0.1, 0.9)),
        jump_angle=float(rng.uniform(0, 2 * math.pi)),
    )


def _draw_metal(rng: np.random.Generator) -> tuple[Metal, ...]:
    if rng.random() > 0.1:
        return ()
    return tuple(
        Metal(
            slice_share=float(rng.random()),
            rank=float(rng.random()),
            radius_mm=float(np.exp(rng.uniform(np.log(0.8), np.log(8)))),
            half_length_mm=float(rng.uniform(1, 25)),
            hu=float(rng.uniform(6000, 25000)),
        )
        for _ in range(int(rng.integers(1, 5)))
    )
