"""Cone-beam CT to the CT numbers and the calm of CT, from simulated scans."""

from __future__ import annotations

from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.recipe import Recipe, Stage

HEADS_LEFT_OUT = ("training_seg_18", "training_seg_19", "training_seg_20")
"""Label maps that no generated head to train on is made from."""

RECIPE = Recipe(
    name="cbct-to-ct",
    task="cbct-to-ct",
    model="cbct-to-ct-body",
    roles=("CBCT",),
    # the abdomen the card is judged on, and the patients kept from the other recipes
    validation=("CRLM-CT-1004", *EXTREMITY.validation, *HEADS_LEFT_OUT),
    stages=(Stage(900, 1.5e-3, freeze_norm_at=0.6), Stage(2300, 1.2e-3, freeze_norm_at=0.4)),
    slices=3,
    # a wide view: shading is told from tissue by what lies centimeters away
    widths=(16, 32, 64, 128, 256),
    patch=128,
    zero_start=True,
    watch_steps=1600,
)
