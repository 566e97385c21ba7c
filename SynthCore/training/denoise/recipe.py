"""Low-dose CT to the look of full dose, from noise simulated on real CT."""

from __future__ import annotations

from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="ct-denoise-body",
    task="ct-denoise",
    model="ct-denoise-body",
    roles=("CT",),
    # the abdomen the card is judged on, and the patients kept from the other recipe
    validation=("CRLM-CT-1004", *EXTREMITY.validation),
    stages=(Stage(6000, 1.5e-3, freeze_norm_at=0.7), Stage(6000, 1e-3, freeze_norm_at=0.3)),
    batch=4,
    # faint things are told from noise by their continuing through slices
    slices=7,
    patch=96,
    # wide where noise is judged, at full resolution; narrow below, where only size is wanted
    widths=(32, 48, 80, 128),
    zero_start=True,
    loss="charbonnier",
)
