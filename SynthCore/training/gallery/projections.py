"""What the page shows of CT in the projection domain: less dose, and metal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np
import torch

from SynthCore.physics.ct_dose import simulate_low_dose
from SynthCore.physics.ct_metal import draw_implants, insert_implants
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.ct_look import apply_ct, draw_ct
from SynthCore.physics.generator.person import draw_person
from SynthCore.physics.generator.record import to_json
from SynthCore.physics.generator.told import ct_lines
from SynthCore.training.gallery.pictures import ct_picture
from SynthCore.training.gallery.sections import SLAB, Row, middle_of, slab

THICKNESS_MM = 2.0
DOSES = (0.25, 0.1)


def projections(heads: list[tuple[str, Anatomy]], rng: np.random.Generator) -> Iterator[Row]:
    """One CT as it is, at a quarter and a tenth of the dose, and with implants."""
    name, head = heads[0]
    maps = slab(draw_person(rng, healthy=1.0), head, middle_of(head))
    drawn = draw_ct(rng, kernel="standard", thickness=(THICKNESS_MM, THICKNESS_MM))
    look = replace(drawn, noise_hu=4.0)
    middle = SLAB // 2
    full = apply_ct(look, maps)[middle : middle + 1].cpu().numpy()
    seed = int(rng.integers(2**31))
    made = [(full, ct_lines(look), to_json(look))]
    for dose in DOSES:
        noisy = simulate_low_dose(
            full, (1.0, 1.0), dose, seed=seed, slice_thickness_mm=THICKNESS_MM
        )
        made.append((noisy, (f"{dose:.0%} of the dose",), json.dumps({"dose": dose, "seed": seed})))
    implants = draw_implants(rng, full, (1.0, 1.0, THICKNESS_MM))
    metals = " and ".join(sorted({one.metal for one in implants}))
    made.append(
        (
            insert_implants(full, (1.0, 1.0, THICKNESS_MM), implants, seed=seed),
            (f"{len(implants)} implant(s) of {metals}",),
            json.dumps({"implants": [asdict(one) for one in implants], "seed": seed}),
        )
    )
    shown = [
        ct_picture(torch.from_numpy(image[0]), window, (f"{lines[0]}, {window} window", *lines[1:]))
        for image, lines, _ in made
        for window in ("soft", "bone")
    ]
    yield Row(f"the same slice; {name}", tuple(shown), tuple(record for _, _, record in made))
