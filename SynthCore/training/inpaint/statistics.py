"""What the inputs look like: heads and brains in MR, whatever the sequence, and heads in CT."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.image import Image, make_affine
from SynthCore.models.input_statistics import features, fit, unlike
from SynthCore.models.library import find_bundle
from SynthCore.physics.generator.anatomy import Anatomy
from SynthCore.physics.generator.ct_look import apply_ct, draw_ct
from SynthCore.physics.generator.person import apply_person, draw_person
from SynthCore.staging import renewed
from SynthCore.tasks import MR_ROLES
from SynthCore.training.inpaint.generated import head_window, list_label_maps, read_label_map
from SynthCore.training.inpaint.heads import list_heads, read_head
from SynthCore.training.recipe import Recipe

CT_HEADS = 8
"""Label maps that the figures of CT come from."""

CT_SLICES_MM = 5.0

LIMBS = ("mr-to-ct-extremity", "T1")
"""Model and role whose card holds figures of limbs."""

Figures = dict[str, float]


def input_statistics(data: Path, recipe: Recipe, cache: Path) -> dict[str, Any]:
    """By role; all MR sequences share theirs, as the network does not tell them apart.

    Figures are kept in `cache`: those of CT take some seconds each.
    """
    heads = [h for h in list_heads(data) if h.patient not in recipe.validation]
    name = zlib.crc32(" ".join(head.path for head in heads).encode())  # a fold leaves some out
    kept = cache / f"features-mr-{name:08x}.json"
    mr = _kept(kept, lambda: [_mr(read_head(data, h)) for h in heads])
    maps = [(n, p) for n, p in list_label_maps(data) if n not in recipe.validation][:CT_HEADS]

    def simulated() -> list[Figures]:
        return [ct_features(n, read_label_map(p)) for n, p in maps]

    ct = _kept(cache / "features-ct.json", simulated)
    found = {}
    if len(mr) >= 4:
        limbs = find_bundle(LIMBS[0]).card.input_statistics[LIMBS[1]]
        # heads with skull and without make a wide crowd, and a thigh came near enough to it
        shared = {**fit(mr, "mr"), "unlike": unlike("limb", limbs)}
        found = {role: shared for role in recipe.roles if role in MR_ROLES}
    return {**found, **({"CT": fit(ct, "ct")} if len(ct) >= 4 else {})}


def ct_features(name: str, anatomy: Anatomy) -> Figures:
    """Figures of a generated head's CT in its field of view.

    With its skull: brains alone are rare in CT, and would make room for any body.
    """
    rng = np.random.default_rng(int(name[-2:]))
    person = draw_person(rng)
    maps = apply_person(person, anatomy, head_window(anatomy, CT_SLICES_MM))
    hu = apply_ct(draw_ct(rng, strength=0.6, thickness=(5.0, 5.01)), maps).numpy()
    air = [(0, 0), *((int(n), int(n)) for n in rng.integers(5, 35, 2))]
    voxels = np.pad(hu, air, constant_values=-1000.0).astype(np.float32)
    image = Image(voxels, make_affine((1.0, 1.0, CT_SLICES_MM)), "CT", "HU")
    return features(image, ("ct",))


def _mr(image: Image) -> Figures:
    return features(image, ("mr",))


def _kept(path: Path, make: Callable[[], Sequence[Mapping[str, float]]]) -> list[Figures]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([dict(one) for one in make()])
        with renewed(path) as part:
            part.write_text(text, encoding="utf-8")
    kept: list[Figures] = json.loads(path.read_text(encoding="utf-8"))
    return kept
