"""Deep structures: ventricles, basal ganglia, thalamus, hippocampus, callosum, brainstem."""

from __future__ import annotations

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.cerebrum import CALLOSUM
from SynthCore.physics.phantom.solids import Solid, blob, pipe, slab
from SynthCore.physics.phantom.surfaces import Surfaces

LATERAL_VENTRICLE = pipe(
    [(11, 39, 5), (9.5, 30, 9), (7.5, 14, 15), (8, -4, 20.5), (11, -20, 21.5), (18, -34, 17),
     (24, -43, 9)],
    [2.0, 5.0, 4.6, 3.8, 4.4, 6.0, 7.0],
    blend=3.0,
).plus(
    pipe([(24, -43, 9), (23, -58, 4), (20, -70, 1)], [6.0, 3.5, 1.2]),
    pipe([(24, -43, 8), (33, -36, -5), (36, -20, -15), (33, -2, -20), (29, 6, -21)],
         [6.5, 3.5, 2.3, 2.2, 2.0]),
    blend=3.0,
)  # fmt: skip

CAUDATE = pipe(
    [(15.5, 29, 6), (15, 20, 9), (14.5, 10, 15), (15, -4, 21), (18, -18, 22), (27, -33, 15),
     (33, -37, -1), (36, -20, -11)],
    [4.5, 6.0, 4.6, 3.2, 2.4, 1.8, 1.3, 1.0],
    blend=2.0,
)  # fmt: skip

PAIRED: tuple[tuple[str, Solid], ...] = (
    ("gray matter", blob((33.2, 3, 2), (0.8, 15, 10), (2, -8))),  # claustrum
    ("putamen", blob((25.5, 4, 2), (5.0, 16.5, 10), (2, -12))),
    ("pallidum", blob((19.5, -1, -1), (4.2, 9.5, 6.5), (2, -24))),
    ("thalamus", blob((10.5, -9.5, 7), (8.0, 15.5, 8.5), (2, -20))),
    ("gray matter", blob((5, 7, -7), (4, 8, 5))),  # hypothalamus
    ("gray matter", blob((8, 14, -2), (4, 5, 4))),  # accumbens, septal area
    ("gray matter", blob((22, 9, -19), (7, 7, 6))),  # amygdala
    ("gray matter", pipe([(24, 2, -22), (28, -10, -19), (28, -24, -12), (21, -34, -2)],
                         [4.5, 3.8, 3.2, 2.0])),  # hippocampus
    ("gray matter", pipe([(20, 4, -26), (22, -10, -24), (23, -24, -17)], [3.0, 2.6, 2.4])),
)  # fmt: skip

MIDBRAIN = blob((0, -20, -9), (12.5, 10.5, 11)).plus(
    pipe([(13, -2, 0), (10, -9, -9), (6, -14, -19)], [5.5, 6.0, 6.0]),
    pipe([(-13, -2, 0), (-10, -9, -9), (-6, -14, -19)], [5.5, 6.0, 6.0]),
    blob((5, -30.5, -4), (4.2, 4, 4.5)),
    blob((-5, -30.5, -4), (4.2, 4, 4.5)),
    blob((5, -31, -11), (4, 3.5, 3.5)),
    blob((-5, -31, -11), (4, 3.5, 3.5)),
    blend=2.5,
)

PONS = blob((0, -14.5, -28), (16, 11, 13)).plus(
    blob((0, -24, -27), (12, 9, 14)),
    pipe([(13, -19, -29), (24, -38, -33)], [8.5, 9]),
    pipe([(-13, -19, -29), (-24, -38, -33)], [8.5, 9]),
    blend=4.0,
)

MEDULLA = pipe([(0, -22, -40), (0, -28, -50), (0, -33, -60)], [9.5, 8.0, 6.6], wide=(1.2, 1, 1))

CORD = pipe([(0, -33, -60), (0, -37.5, -70), (0, -38.5, -140)], [6.4, 5.4, 5.0], wide=(1.25, 1, 1))

FOURTH_VENTRICLE = pipe(
    [(0, -30, -17), (0, -34, -25), (0, -37, -31), (0, -34.5, -40), (0, -33, -50)],
    [1.2, 3.0, 4.2, 2.6, 0.8],
    wide=(1.9, 1, 1),
    blend=2.0,
).plus(
    pipe([(0, -36, -31), (11, -33, -33)], [2.5, 1.2]),
    pipe([(0, -36, -31), (-11, -33, -33)], [2.5, 1.2]),
)


def paint_deep(canvas: Canvas, surfaces: Surfaces) -> None:
    """Paint what lies inside the hemispheres, and the upper brainstem."""
    rough = 0.35 * surfaces.fine
    canvas.add("white matter", CALLOSUM, bumps=0.3 * surfaces.fine)
    canvas.add("brainstem", MIDBRAIN, bumps=rough)
    for tissue, solid in PAIRED:
        canvas.add(tissue, solid, both=True, bumps=rough)
    canvas.add("csf", LATERAL_VENTRICLE, both=True, bumps=rough)
    canvas.add("caudate", CAUDATE, both=True, bumps=rough)
    third = blob((0, -5, -1), (2.3, 14, 10.5)).plus(pipe([(0, 6, -2), (0, 9, -11)], [1.8, 1.0]))
    canvas.add("csf", third, bumps=rough)
    canvas.add("thalamus", blob((0, -4, 5), (3.0, 4, 3.2)))  # massa intermedia
    canvas.add("white matter", slab((0, 16, 14), (0.8, 14, 9), 0.6))  # septum pellucidum
    fornix = [(1.2, 12, -4), (1.8, 12, 6), (2.5, 4, 14), (4, -12, 18), (8, -28, 16), (16, -36, 8)]
    canvas.add("white matter", pipe(fornix, [1.4, 1.7, 1.9, 2.0, 1.8, 1.4]), both=True)
    canvas.add("white matter", pipe([(-6, 13.5, -1), (6, 13.5, -1)], 1.5))  # anterior commissure
    canvas.add("white matter", pipe([(-5, -13.5, 0), (5, -13.5, 0)], 1.2))  # posterior commissure
    canvas.add("csf", pipe([(0, -14, -6), (0, -24, -9), (0, -29, -17)], [1.4, 1.0, 1.1]))
    plexus = pipe([(7, -6, 18), (10, -20, 18), (19, -36, 15), (24, -43, 9), (31, -37, -4)],
                  [1.0, 1.2, 2.2, 3.0, 1.2])  # fmt: skip
    canvas.add("choroid plexus", plexus, both=True, bumps=0.8 * surfaces.fine)
    canvas.add("calcification", blob((22, -42, 11), (1.5, 2.0, 1.5)), both=True, strength=0.6)
    canvas.add("red nucleus", blob((5, -17.5, -8), (3, 3, 4)), both=True)
    canvas.add("red nucleus", blob((10, -12.5, -11), (5.5, 1.3, 4), (2, 42)), both=True)
    canvas.add("calcification", blob((0, -30, 3.5), (1.6, 2.0, 1.4)), strength=0.8)
    canvas.add("choroid plexus", blob((0, -30, 3.5), (2.8, 3.8, 2.6)), strength=0.6)  # pineal


def paint_lower_brainstem(canvas: Canvas, surfaces: Surfaces) -> None:
    """Pons, medulla and cord; after the cerebellum, before the fourth ventricle."""
    rough = 0.3 * surfaces.fine
    canvas.add("brainstem", PONS, bumps=rough)
    canvas.add("spinal cord", CORD)
    canvas.add("brainstem", MEDULLA, bumps=0.5 * rough)
    canvas.add("white matter", blob((0, -13, -30), (12, 6, 9)), strength=0.35)
    for side in (1.0, -1.0):
        canvas.add("gray matter", blob((6 * side, -23.5, -47), (2.2, 1.6, 4.5)), strength=0.6)
    canvas.add("csf", FOURTH_VENTRICLE, bumps=rough)
    canvas.add("choroid plexus", pipe([(-2.5, -37.5, -35), (2.5, -37.5, -35)], 1.0))
    cord = pipe([(0, -36.5, -68), (0, -38.5, -140)], 2.6, wide=(1.5, 0.8, 1))
    canvas.add("gray matter", cord, strength=0.4)
    canvas.add("brainstem", pipe([(9, -17, -26), (14, 0, -24)], [1.8, 2.2]), both=True)  # nerve V
    canvas.add("pituitary", blob((0, 12, -20.5), (6.2, 4.6, 3.6)))
    canvas.add("pituitary", pipe([(0, 11, -17), (0, 9, -10)], [1.2, 1.0]))
    chiasm = pipe([(6, 17, -11.5), (0, 12, -10), (9, 4, -8)], [1.9, 2.0, 1.6], wide=(1, 1, 0.8))
    canvas.add("optic nerve", chiasm, both=True)
    canvas.add("gray matter", blob((2.2, 4, -11.5), (1.8, 1.8, 1.8)), both=True)  # mamillary bodies
