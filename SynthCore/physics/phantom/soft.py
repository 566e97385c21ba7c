"""Soft tissue outside the skull: skin, fat, muscles, glands, tongue, pharynx."""

from __future__ import annotations

import numpy as np

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.solids import Solid, blob, pipe, slab
from SynthCore.physics.phantom.surfaces import Surfaces

PAIRED_MUSCLES: tuple[Solid, ...] = (
    blob((22, -76, -104), (24, 6, 44), (2, 18)),  # trapezius
    blob((13, -62, -94), (14, 13, 50), (1, -4)),  # semispinalis
    blob((30, -56, -98), (14, 16, 50), (1, -12)),  # splenius
    pipe([(58, -34, -50), (53, -22, -84), (40, 2, -130)], [7.5, 10, 10], wide=(0.75, 1.4, 1)),
    blob((42, -38, -110), (10, 13, 38)),  # levator of the scapula
    blob((34, -20, -114), (11, 11, 30)),  # scalenes
    blob((27, -36, -100), (9, 9, 26)),  # long muscles of the neck
    blob((10, -9.5, -84), (9, 5, 34)),  # longus of head and neck
    blob((12, -52, -71), (11, 9, 11)),  # suboccipital
    blob((28, -43, -73), (13, 9, 8)),
    blob((47, -26, -62), (6, 11, 17)),  # digastric, behind
    pipe([(9, 70, -112), (20, 30, -118)], 5.0),  # digastric, in front
    pipe([(24, 18, -70), (15, 28, -104)], 4.5),  # styloglossus
    blob((15, 1, -78), (5, 11, 26)),  # pharyngeal constrictor
    blob((14, 13, -56), (4, 8, 9)),  # levator and tensor of the palate
    pipe([(57, 30, -12), (52, 27, -56)], [11, 8], wide=(0.8, 1.5, 1)),  # temporalis, tendon end
    pipe([(21, 27, -50), (47, 1, -43)], [12.5, 6.5]),  # lateral pterygoid
    blob((38, 15, -77), (9, 15, 26), (1, -14)),  # medial pterygoid
    blob((57, 22, -74), (10, 21, 30), (1, 5)),  # masseter
    pipe([(38, 30, -76), (34, 62, -76), (23, 80, -78)], 2.4, wide=(1, 1, 4)),  # buccinator
    pipe([(0, 91, -79), (15, 87, -79), (23, 80, -79)], 3.0, wide=(1, 1, 2.4)),  # lips
    pipe([(20, 78, -20), (32, 80, -14), (44, 74, -20)], 1.4),  # orbicularis of the eye
    pipe([(20, 77, -37), (32, 78, -42), (44, 72, -37)], 1.4),
    pipe([(46, 66, -50), (28, 84, -72)], 2.2),  # zygomaticus
    pipe([(13, 86, -40), (19, 84, -66)], 2.4),  # levator of the lip
    blob((7, 94, -52), (7, 8, 11)),  # nasalis
    blob((0, 86, -98), (14, 5, 8)),  # mentalis
)
"""On the left; the right is its mirror image."""

MIDLINE_MUSCLES: tuple[Solid, ...] = (
    blob((0, 46, -103), (22, 27, 6)),  # floor of the mouth
    blob((0, 50, -94), (9, 22, 12)),  # geniohyoid and genioglossus
    blob((0, 44, -83), (24, 34, 15)),  # tongue
    pipe([(0, 22, -65), (0, 10, -68), (0, 3, -77)], [4, 4, 2.5], wide=(4, 1, 1)),  # soft palate
)

GLANDS: tuple[Solid, ...] = (
    blob((58, -3, -68), (10, 14, 24), (1, 6)),  # parotid
    blob((33, 18, -108), (8, 13, 9)),  # submandibular
    blob((10, 52, -93), (4, 14, 4)),  # sublingual
    blob((44, 69, -17), (4, 6.5, 5)),  # lacrimal
)

AIRWAY: tuple[Solid, ...] = (
    blob((0, 13, -54), (11, 11, 9.5)),  # nasopharynx
    pipe([(0, 6, -58), (0, -1, -76), (0, 1, -92), (0, 2, -120)], [7, 5, 6, 6], wide=(1.7, 1, 1)),
)


def paint_soft_tissue(canvas: Canvas, surfaces: Surfaces) -> None:
    """Fill the head outside the skull; bones and cavities are painted over it later."""
    skin = surfaces.skin
    canvas.paint("skin", skin)
    canvas.paint("fat", skin + 2.0)
    skull = surfaces.cavity - surfaces.thickness
    _paint_scalp(canvas, surfaces, skull)
    bumps, under_skin = 0.9 * surfaces.fine, skin + 3.2
    for muscle in PAIRED_MUSCLES:
        canvas.add("fat", muscle.grown(0.9), both=True, bumps=bumps, within=under_skin)
        canvas.add("muscle", muscle, both=True, bumps=bumps, within=under_skin)
    canvas.add("mucosa", blob((0, 46, -80), (28, 36, 15)), bumps=bumps)
    for muscle in MIDLINE_MUSCLES:
        canvas.add("muscle", muscle, bumps=bumps, within=under_skin)
    canvas.add("fat", slab((0, 46, -86), (0.7, 26, 12), 0.5), bumps=0.5 * surfaces.fine)
    canvas.add("fat", slab((7, 46, -86), (0.4, 22, 9), 0.3, (1, 18)), both=True, strength=0.7)
    canvas.add("fibrous", slab((0, -66, -92), (0.7, 12, 34), 0.6), strength=0.6)  # nuchal ligament
    for gland in GLANDS:
        canvas.add("gland", gland, both=True, bumps=1.6 * surfaces.fine, within=skin + 3.0)
    _paint_ears(canvas, surfaces)
    for space in AIRWAY:
        canvas.add("mucosa", space.grown(2.5), bumps=0.8 * surfaces.fine)
    for space in AIRWAY:
        canvas.add("air", space, bumps=0.8 * surfaces.fine)


def _paint_scalp(canvas: Canvas, surfaces: Surfaces, skull: np.ndarray) -> None:
    """Galea over the vault, temporalis at the side, frontal and occipital muscle bellies."""
    x, a, z = canvas.points
    canvas.paint("fibrous", np.maximum(skull - 1.1, -30 - z))
    bed = canvas.broadly(
        lambda p: 13.0 * np.exp(-(((p[1] - 20) / 34) ** 2) - ((p[2] + 24) / 34) ** 2)
    )
    belly = np.maximum(skull - bed, 40 - np.abs(x) + 0.15 * (a - 20))
    canvas.paint("muscle", np.maximum(belly, np.maximum(surfaces.skin + 3.4, -44 - z)))
    nape = np.maximum(np.maximum(a + 42 + 0.4 * np.abs(x), z + 36), surfaces.skin + 5.0)
    clefts = 0.8 - np.abs(surfaces.fine + 0.6)
    canvas.paint("muscle", np.maximum(nape, clefts))
    canvas.paint("fibrous", np.maximum(np.abs(skull - 0.75 * bed) - 0.4, belly + 1.0), strength=0.6)


def _paint_ears(canvas: Canvas, surfaces: Surfaces) -> None:
    """Cartilage in the auricles and the outer ear canals."""
    region = canvas.region((68, -45, -62), (100, 0, 0))
    for side in (1, -1):
        if side < 0:
            region = canvas.region((-100, -45, -62), (-68, 0, 0))
        x = canvas.at(region)[0]
        inside = surfaces.skin[region]
        canvas.paint("cartilage", np.maximum(np.abs(inside + 2.4) - 0.8, 76 - np.abs(x)), region)
