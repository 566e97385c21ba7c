"""Cone-beam CT to the CT numbers and the calm of CT, from simulated scans."""

from __future__ import annotations

from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.recipe import Recipe, Stage

HEADS_LEFT_OUT = ("training_seg_18", "training_seg_19", "training_seg_20")
"""Label maps that no generated head to train on is made from."""

RECIPE = Recipe(
    name="cbct-to-ct-body",
    task="cbct-to-ct",
    model="cbct-to-ct-body",
    roles=("CBCT",),
    # the abdomen the card is judged on, and the patients kept from the other recipes
    validation=("CRLM-CT-1004", *EXTREMITY.validation, *HEADS_LEFT_OUT),
    stages=(Stage(8000, 1.5e-3, freeze_norm_at=0.5),),
    slices=3,
    # a wide view: shading is told from tissue by what lies decimeters away
    widths=(16, 32, 64, 96, 128, 192),
    batch=4,
    patch=256,
    zero_start=True,
    watch_steps=2000,
)
