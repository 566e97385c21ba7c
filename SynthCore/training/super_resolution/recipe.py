"""Thick slices to isotropic, learned from the planes of real MR and CT alike."""

from __future__ import annotations

from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="super-resolution-mr-ct",
    task="super-resolution",
    model="super-resolution-mr-ct",
    roles=("T1", "T1c", "T2", "FLAIR", "PD", "CT"),
    validation=(
        # isotropic brains, a head with its skull, a DICOM study
        "brainlesion_AURORA",
        "open_ms_cross_patient26",
        "open_ms_long_patient04",
        "VS-SEG-001",
        # an abdomen of fine pixels, and a body that is isotropic at 3 mm
        "CRLM-CT-1004",
        "totalsegmentator-example",
        # limbs, MR and CT
        *EXTREMITY.validation,
    ),
    stages=(
        Stage(1800, 1.5e-3, freeze_norm_at=0.8),
        Stage(7000, 1.3e-3, freeze_norm_at=0.5),
        Stage(7000, 1.0e-3, freeze_norm_at=0.4),
        Stage(8500, 1.0e-3, freeze_norm_at=0.4, interpolated=0.2),
    ),
    slices=3,
    channels=("image", "place"),
    zero_start=True,
    loss="charbonnier",
)
