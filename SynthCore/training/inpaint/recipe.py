"""Healthy tissue under a mask, in head MR of any sequence and head CT."""

from __future__ import annotations

from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="inpaint-brain",
    task="inpaint",
    model="inpaint-brain",
    roles=("T1", "T1c", "T2", "FLAIR", "PD", "CT"),
    # two brains without skull of different making, one with a stroke, one head in thick slices;
    # and the label maps whose generated heads are kept for looking at CT
    validation=(
        "open_ms_cross_patient26",
        "TCGA-FG-6692",
        "cstar_stroke",
        "open_ms_long_patient04",
        "synthseg-19",
        "synthseg-20",
    ),
    stages=(
        Stage(2400, 1.5e-3, freeze_norm_at=0.7),
        Stage(2400, 1e-3, freeze_norm_at=0.6),
        Stage(6500, 1.2e-3, freeze_norm_at=0.6),
    ),
    slices=5,
    channels=("image", "mirror", "mask"),
    network="changing-slice-unet",
    batch=8,
    patch=96,
    widths=(24, 48, 96, 192),
    zero_start=True,
    watch_steps=1200,
    options={"generated": 0.5, "heads": 16},
)
