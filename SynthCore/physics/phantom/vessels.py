"""Dura, venous sinuses and the larger vessels."""

from __future__ import annotations

import numpy as np

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.cerebrum import CALLOSUM, behind_petrous, tentorium_height
from SynthCore.physics.phantom.solids import Solid, pipe
from SynthCore.physics.phantom.surfaces import Surfaces

PAIRED_VESSELS: tuple[Solid, ...] = (
    pipe([(25, -6, -125), (26, -8, -90), (26, -7, -60), (25, -5, -44), (22, -4, -33), (12, 2, -28),
          (9.5, 7, -23), (10, 14, -19.5), (9.5, 9, -12)], 2.4),  # internal carotid
    pipe([(31, -13, -125), (32, -15, -78), (30, -18, -50)], [5.5, 4.5, 3.5]),  # jugular
    pipe([(22, -26, -125), (22, -26, -74), (17, -39, -66), (8, -29, -54), (1, -10, -44)], 1.7),
    pipe([(9.5, 9, -11.5), (20, 13, -10), (31, 13, -9), (38, 8, -5), (40.5, -2, 2), (43, -14, 8)],
         [1.7, 1.5, 1.3, 1.1, 0.9, 0.7]),  # middle cerebral
    pipe([(9.5, 9, -11), (2.2, 17, -9), (1.8, 30, -5), (1.8, 41, 6), (1.8, 37, 22), (1.8, 16, 31)],
         [1.3, 1.2, 1.1, 1.1, 0.9, 0.7]),  # anterior cerebral
    pipe([(1, -2.5, -12), (9, -7, -12), (17, -18, -10), (18, -30, -6), (14, -48, -1)],
         [1.2, 1.2, 1.0, 0.9, 0.7]),  # posterior cerebral
    pipe([(30, -2, -120), (33, 0, -88), (45, -4, -62)], [2.2, 2.0, 1.5]),  # external carotid
    pipe([(3, -87, -13), (24, -84, -18), (43, -68, -22), (53, -48, -25), (52, -38, -31),
          (45, -30, -42), (33, -22, -50)], [3.2, 3.6, 3.6, 3.8, 3.8, 3.8, 4.0]),  # sigmoid
    pipe([(1.4, 8, 9), (1.6, -14, 11.5), (0.8, -33, 8.5)], [0.6, 0.8, 1.2]),  # internal cerebral
)  # fmt: skip

MIDLINE_VESSELS: tuple[Solid, ...] = (
    pipe([(0, -9, -44), (0, -2.2, -30), (0, -1.8, -13)], 1.7),  # basilar
    pipe([(0, -33, 8.5), (0, -41, 6), (0, -62, -3), (0, -87, -12)], [1.4, 2.0, 2.0, 2.4]),
)


def paint_dura(canvas: Canvas, surfaces: Surfaces) -> None:
    """Falx, tentorium and the lining of the skull, with the superior sagittal sinus."""
    x, a, z = canvas.points
    cavity, side = surfaces.cavity, np.abs(x)
    lining = np.maximum(np.abs(cavity + 0.4) - 0.4, -56 - z)
    canvas.paint("dura", lining, strength=0.8)
    height = tentorium_height(side, a)
    region = canvas.region((-60, -95, -34), (60, -10, 6))
    notch = np.maximum(17 - side, a + 36)[region]
    sheet = np.maximum(np.abs(z - height)[region] - 0.5, notch)
    sheet = np.maximum(sheet, np.maximum(-behind_petrous(side, a), cavity)[region])
    canvas.paint("dura", sheet, region)
    region = canvas.region((-6, -95, -22), (6, 80, 80))
    middle = np.abs(x[region] + 0.8 * surfaces.coarse[region])
    arch = CALLOSUM.distance((x[region], a[region], z[region]))
    margin = 4.0 + 0.30 * np.clip(a[region] + 40, 0, 90)  # the falx deepens toward the back
    falx = np.maximum(middle - 0.55, np.maximum(cavity[region], margin - arch))
    falx = np.maximum(falx, height[region] - z[region])
    canvas.paint("dura", falx, region)
    depth = -cavity[region]
    wedge = np.maximum(middle + 0.75 * depth - 5.2, 0.6 - depth)
    canvas.paint("blood", np.maximum(wedge, -12 - z[region] + 0.25 * (a[region] + 90)), region)


def paint_vessels(canvas: Canvas, surfaces: Surfaces) -> None:
    """Arteries and veins."""
    for solid in PAIRED_VESSELS:
        canvas.add("blood", solid, both=True)
    for solid in MIDLINE_VESSELS:
        canvas.add("blood", solid)
