"""Air in the face: nasal cavity and sinuses; the eyes in their orbits."""

from __future__ import annotations

import numpy as np

from SynthCore.physics.phantom.bones import ORBIT
from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.solids import Solid, blob, pipe, slab
from SynthCore.physics.phantom.surfaces import Surfaces

NASAL: tuple[Solid, ...] = (
    slab((7.5, 55, -54), (6.8, 31, 9.5), 5.0),
    blob((5.0, 56, -42), (4.2, 27, 14), (0, -8)),
    pipe([(6, 84, -55), (7, 91, -60), (7, 91, -67)], [4.5, 4, 3.6]),  # nostril
    pipe([(6, 30, -54), (6, 16, -54)], [6, 7]),  # choana
)

TURBINATES: tuple[Solid, ...] = (
    pipe([(10, 76, -57), (9, 55, -58), (9, 34, -57)], [2.2, 3.6, 3.0], wide=(0.85, 1, 1.25)),
    pipe([(8.5, 68, -48), (8, 50, -48), (8, 34, -48)], [1.6, 2.8, 2.2], wide=(0.85, 1, 1.3)),
)

SINUSES: tuple[Solid, ...] = (
    blob((28, 54, -56), (14, 17, 12.5)),  # maxillary
    blob((7.5, 27, -27), (7.2, 11, 8.5)),  # sphenoid
    blob((11, 81.5, -8), (9.5, 3.4, 10), (2, -8)),  # frontal
)

EYE = blob((32, 67, -28), (12, 12.2, 12))

EYE_MUSCLES: tuple[Solid, ...] = (
    pipe(
        [(20.5, 67, -28), (17.5, 52, -27), (13.5, 31, -20.5)], [1.2, 2.6, 1.2], wide=(0.8, 1, 1.7)
    ),
    pipe([(43.5, 67, -28), (39.5, 52, -27), (15, 31, -20.5)], [1.2, 2.5, 1.2], wide=(0.8, 1, 1.7)),
    pipe([(32, 67, -17), (29.5, 52, -14.5), (14, 31, -18.5)], [1.2, 2.5, 1.2], wide=(1.7, 1, 0.8)),
    pipe([(32, 67, -39.5), (29.5, 52, -39), (14, 31, -22.5)], [1.2, 2.5, 1.2], wide=(1.7, 1, 0.8)),
    pipe([(24, 64, -17), (16, 48, -17), (13, 32, -19)], [0.9, 1.8, 1.0]),  # superior oblique
)

OPTIC_NERVE = [(30.5, 55, -28), (25, 43, -26.5), (14.5, 28, -19), (6, 17, -11.5)]


def paint_cavities(canvas: Canvas, surfaces: Surfaces) -> None:
    """Sinuses and nose with mucosa, turbinates and septum."""
    bumps = 0.9 * surfaces.fine
    for solid in SINUSES:
        canvas.add("mucosa", solid, both=True, bumps=bumps)
        canvas.add("air", solid.grown(-0.9), both=True, bumps=bumps)
    cyst = blob((-30, 52, -66), (6, 7, 5))  # a retention cyst, as is common
    canvas.add("mucosa", cyst, within=None)
    _paint_ethmoid(canvas)
    for solid in NASAL:
        canvas.add("mucosa", solid.grown(1.6), both=True, bumps=0.4 * surfaces.fine)
    for solid in NASAL:
        canvas.add("air", solid, both=True, bumps=0.4 * surfaces.fine)
    for solid in TURBINATES:
        canvas.add("mucosa", solid, both=True, bumps=0.6 * surfaces.fine)
        canvas.add("compact bone", solid.grown(-2.0), both=True, strength=0.8)
    wall = blob((0, 55, -46), (2.4, 40, 21))
    canvas.add("mucosa", wall, bumps=0.3 * np.abs(surfaces.coarse), within=surfaces.skin + 6)
    canvas.add("compact bone", blob((0, 45, -45), (0.9, 24, 18)))
    canvas.add("cartilage", blob((0, 80, -49), (1.2, 15, 12)), within=surfaces.skin + 6)


def _paint_ethmoid(canvas: Canvas) -> None:
    """Air cells between the orbits, walls of thin bone."""
    for number, a in enumerate((34.0, 42.0, 50.0, 58.0, 65.0)):
        for z in (-22.0, -30.0, -37.0):
            shift = 1.5 if (number + round(z)) % 2 else -1.0
            cell = slab((7.2 + 0.4 * shift, a + shift, z), (5.0, 4.3, 4.0), 2.2, (2, 8 * shift))
            canvas.add("compact bone", cell.grown(0.7), both=True)
    for number, a in enumerate((34.0, 42.0, 50.0, 58.0, 65.0)):
        for z in (-22.0, -30.0, -37.0):
            shift = 1.5 if (number + round(z)) % 2 else -1.0
            cell = slab((7.2 + 0.4 * shift, a + shift, z), (5.0, 4.3, 4.0), 2.2, (2, 8 * shift))
            canvas.add("mucosa", cell, both=True)
            canvas.add("air", cell.grown(-0.5), both=True)


def paint_orbits(canvas: Canvas, surfaces: Surfaces) -> None:
    """Fat, eye, lens, muscles and optic nerve."""
    canvas.add("fat", ORBIT, both=True, within=surfaces.skin + 2.0)
    for muscle in EYE_MUSCLES:
        canvas.add("muscle", muscle, both=True)
    canvas.add("gland", blob((44, 68, -18), (3.5, 6.5, 5)), both=True, within=surfaces.skin + 2.5)
    canvas.add("csf", pipe(OPTIC_NERVE[:3], [3.1, 2.9, 2.2]), both=True)
    canvas.add("eye wall", EYE, both=True)
    canvas.add("vitreous", EYE.grown(-1.3), both=True)
    canvas.add("lens", blob((32, 74.5, -28), (4.7, 2.3, 4.7)), both=True)
    canvas.add("eye wall", pipe([(26.5, 75.5, -28), (28.5, 75.2, -28)], 0.7), both=True)  # iris
    canvas.add("eye wall", pipe([(37.5, 75.5, -28), (35.5, 75.2, -28)], 0.7), both=True)
    canvas.add("optic nerve", pipe(OPTIC_NERVE, [2.0, 1.9, 1.8, 1.9]), both=True)
