"""The data of `SynthCore.training.denoise`, toward the full dose itself and with more variety.

What its model would replace is `ct-denoise-body`; it has not yet been trained for long enough to
be better at a tenth of the dose, so no model of it is published.
"""

from __future__ import annotations

from dataclasses import replace

from SynthCore.training.denoise.recipe import RECIPE as DENOISE
from SynthCore.training.recipe import Stage

RECIPE = replace(
    DENOISE,
    name="ct-denoise-doses",
    model="ct-denoise-doses",
    stages=(Stage(6000, 1.5e-3, freeze_norm_at=0.7), Stage(6000, 1e-3, freeze_norm_at=0.3)),
    batch=4,
    # faint things are told from noise by their continuing through slices
    slices=7,
    # wide where noise is judged, at full resolution; narrow below, where only size is wanted
    widths=(32, 48, 80, 128),
    options={"thin_slices": 1.0},
)
