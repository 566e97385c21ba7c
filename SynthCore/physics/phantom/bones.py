"""Bones of the face, skull base, jaws, teeth and upper neck."""

from __future__ import annotations

import math

import numpy as np

from SynthCore.physics.phantom.canvas import Canvas
from SynthCore.physics.phantom.solids import Solid, blob, pipe, slab
from SynthCore.physics.phantom.surfaces import Surfaces

ORBIT = pipe([(32, 70, -28), (30, 57, -28), (22, 42, -25), (13.5, 28, -20)], [17, 16.5, 11, 3.5])
"""Bony orbit, left; fat, eye and muscles fill it."""

MANDIBLE = pipe(
    [(0, 80, -105), (13, 77, -105), (26, 62, -104), (37, 40, -101), (46, 18, -95)],
    [7, 7, 6.5, 6, 6],
    wide=(1, 1, 1.75),
)

MARROW_BONES: tuple[tuple[Solid, float], ...] = (
    (pipe([(47, 64, -45), (49, 62, -34), (50, 59, -16)], [8, 5, 4]), 1.8),  # zygoma
    (pipe([(50, 62, -44), (58, 48, -42), (63, 27, -39), (63, 6, -36), (60, -4, -34)], 3.0), 1.3),
    (blob((48.5, 11, -72), (4.2, 15, 27), (0, -10)), 1.6),  # ramus
    (pipe([(51, -2, -38), (50, 2, -54)], [5.5, 4.0], wide=(1.3, 0.9, 1)), 1.5),  # condyle
    (pipe([(49, 22, -62), (49.5, 26, -42)], [6, 2.0], wide=(0.6, 1, 1)), 1.4),  # coronoid
    (blob((16, -25, -57), (7, 10, 5.5)), 1.5),  # occipital condyle
    (blob((20, -23, -67), (9, 8, 7)), 1.5),  # atlas, lateral mass
    (pipe([(24, -30, -67), (15, -47, -67), (0, -53, -67)], 3.6), 1.3),  # atlas, posterior arch
    (pipe([(0, -12.5, -65), (12, -16, -65)], [4.2, 3.4], wide=(1, 1, 1.4)), 1.3),
    (blob((17, -24, -80), (9, 8, 6)), 1.5),  # axis
    (pipe([(18, -32, -86), (9, -49, -88), (0, -58, -90)], [4, 4.5, 5]), 1.3),
    (blob((19, -26, -104), (6, 7, 6)), 1.5),  # third cervical vertebra
    (pipe([(18, -32, -105), (9, -47, -106), (0, -54, -108)], [3.5, 3.5, 4]), 1.3),
)
"""Left bones with the thickness of their cortex (mm)."""

MIDLINE_BONES: tuple[tuple[Solid, float], ...] = (
    (pipe([(0, 8, -25), (0, -12, -50)], [8.5, 5], wide=(1.9, 1, 1)), 1.3),  # clivus
    (blob((0, 27, -27), (19, 15, 13)), 1.2),  # body of the sphenoid
    (
        pipe([(0, -20.5, -62), (0, -21, -78), (0, -21, -91)], [5, 5.5, 8.5], wide=(1.15, 0.9, 1)),
        1.3,
    ),
    (slab((0, -21, -106), (10, 8, 6.8), 3.0), 1.2),  # third cervical vertebra
    (slab((0, -21, -123), (10, 8, 6.8), 3.0), 1.2),
    (blob((0, 79, -14), (25, 7.5, 13)), 1.6),  # frontal bone above the nose
)

THIN_BONES: tuple[Solid, ...] = (
    slab((13, 19, -52), (1.1, 7, 12), 0.8, (2, 12)),  # pterygoid plates
    slab((18, 18, -52), (1.1, 8, 12), 0.8, (2, -24)),
    pipe([(2.5, 83, -18), (4.0, 90, -36)], [2.4, 1.2], wide=(1.6, 0.8, 1)),  # nasal bone
    pipe(
        [(10, 82, -22), (14, 78, -46), (16, 76, -60)], [2.6, 2.6, 3.6], wide=(0.7, 1.3, 1)
    ),  # frontal process of maxilla
    pipe([(46, -14, -44), (38, 2, -76)], [2.4, 1.2]),  # styloid process
)

PALATE = blob((0, 46, -65.5), (21, 29, 2.2), (0, -4))

UPPER_ARCH = pipe(
    [(0, 79, -69), (12, 75.5, -69), (21, 66, -69), (27, 52, -69), (29, 36, -68)],
    [5.5, 5.5, 6, 6.5, 6],
    wide=(1, 1, 1.2),
)

_TOOTH_WIDTHS = (8.2, 6.6, 7.6, 7.2, 7.0, 10.2, 9.8, 8.8)


def arch(distance: float) -> tuple[float, float]:
    """(x, a) on the dental arch at a distance (mm) along it from the midline."""
    t = 30 * np.sin(np.linspace(0, np.pi / 2, 400))
    x, a = t, 36 + 44 * np.sqrt(np.maximum(1 - (t / 30) ** 2, 0))
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(a)))])
    return float(np.interp(distance, length, x)), float(np.interp(distance, length, a))


def paint_facial_bones(canvas: Canvas, surfaces: Surfaces) -> None:
    """Orbits, face, jaws, teeth and neck; sinuses are hollowed out afterwards."""
    bumps, within = 0.5 * surfaces.fine, surfaces.skin + 3.4
    canvas.add("compact bone", ORBIT.grown(1.8), both=True, within=surfaces.skin + 9)
    maxilla = blob((28, 54, -55), (17, 20, 15))
    canvas.add("compact bone", maxilla, both=True, within=within)
    canvas.add("diploe", maxilla.grown(-1.5), both=True, bumps=bumps, within=within)
    canvas.add("compact bone", UPPER_ARCH, both=True)
    canvas.add("diploe", UPPER_ARCH.grown(-1.6), both=True, bumps=bumps)
    canvas.add("compact bone", PALATE)
    for solid in THIN_BONES:
        canvas.add("compact bone", solid, both=True, within=surfaces.skin + 2.2)
    canvas.add("compact bone", MANDIBLE, both=True, within=within)
    canvas.add("marrow", MANDIBLE.grown(-2.6), both=True, bumps=bumps, within=within + 2.6)
    for solid, cortex in MARROW_BONES:
        canvas.add("compact bone", solid, both=True, bumps=bumps, within=within)
        canvas.add("marrow", solid.grown(-cortex), both=True, bumps=bumps, within=within + cortex)
    for solid, cortex in MIDLINE_BONES:
        canvas.add("compact bone", solid, bumps=bumps, within=within)
        canvas.add("marrow", solid.grown(-cortex), bumps=bumps, within=within + cortex)
    for z in (-97.0, -114.5):
        canvas.add("disc", slab((0, -21, z), (9, 7.5, 2.0), 1.6))
    _paint_teeth(canvas)


def _paint_teeth(canvas: Canvas) -> None:
    place = 0.0
    for number, width in enumerate(_TOOTH_WIDTHS):
        x, a = arch(place + width / 2)
        next_x, next_a = arch(place + width / 2 + 1)
        turn = math.degrees(math.atan2(next_a - a, next_x - x))
        place += width
        depth = 6.5 if number < 3 else 8.5
        crown = (0.47 * width, 0.47 * depth)
        for up, level, inset in ((1, -80.5, 0.0), (-1, -81.5, 1.5)):
            x0, a0 = x - 0.05 * inset * x / 3, a - inset
            middle = level + up * 4.0
            tip = middle + up * (14.0 if number == 2 else 11.5)
            root = pipe([(x0, a0, middle), (x0 - 0.5, a0 - 0.8, tip)], [0.40 * width, 1.2])
            canvas.add("dentin", root, both=True)
            shell = blob((x0, a0, middle), (crown[0], crown[1], 5.0), (2, turn))
            canvas.add("enamel", shell, both=True)
            inner = blob(
                (x0, a0, middle + up * 1.2), (crown[0] - 1.3, crown[1] - 1.4, 4.6), (2, turn)
            )
            canvas.add("dentin", inner, both=True)
            canvas.add(
                "mucosa", pipe([(x0, a0, middle), (x0 - 0.3, a0, tip)], [0.9, 0.3]), both=True
            )


def paint_skull(canvas: Canvas, surfaces: Surfaces) -> None:
    """Vault and base: outer table, diploe, inner table."""
    cavity, thickness = surfaces.cavity, surfaces.thickness
    below = -61 - canvas.points[2]  # the canal below is walled by vertebrae
    canvas.paint("compact bone", np.maximum(cavity - thickness, below))
    outer = 1.7 + 0.12 * surfaces.coarse
    diploe = np.maximum(1.5 - cavity, cavity - (thickness - outer))
    canvas.paint("diploe", np.maximum(diploe + 0.35 * surfaces.fine, below))


def paint_temporal_bones(canvas: Canvas, surfaces: Surfaces) -> None:
    """Petrous pyramids with inner ear, mastoid cells, ear canals."""
    petrous = pipe([(17, -9, -27), (38, -20, -28), (56, -30, -28)], [6, 8.5, 11])
    canvas.add("compact bone", petrous, both=True, bumps=0.5 * surfaces.fine)
    mastoid = blob((57, -32, -43), (10, 14, 18), (1, 8))
    canvas.add("compact bone", mastoid, both=True, within=surfaces.skin + 4.5)
    canvas.add("marrow", pipe([(17, -8, -28), (26, -13, -29)], [4, 4.5]), both=True, strength=0.9)
    canvas.add("petrous bone", blob((36, -18, -29), (10, 7, 7)), both=True)
    cells = canvas.noise(2.4) - 0.25 + 0.5 * surfaces.coarse
    for solid in (mastoid.grown(-2), blob((50, -30, -28), (8, 9, 8))):
        canvas.add("air", solid, both=True, within=cells * 2.0)
    canal = [(46, -13, -33), (56, -14, -33), (66, -16, -34), (78, -19, -35)]
    canvas.add("compact bone", pipe(canal[:3], 6.0), both=True)
    canvas.add("skin", pipe(canal, 4.6), both=True, within=surfaces.skin)
    canvas.add("air", pipe(canal, [3.2, 3.0, 3.2, 4.2]), both=True)
    canvas.add("air", blob((45, -15, -30), (3.5, 5, 7)), both=True)  # middle ear
    canvas.add("compact bone", pipe([(44.5, -14, -28), (45.5, -15, -31)], 1.0), both=True)
    inner_ear = (
        pipe([(15, -19, -27), (27, -19, -27.5)], [3.2, 2.0]),  # internal auditory canal
        blob((32, -11.5, -30), (3.4, 3.0, 2.6)),  # cochlea
        blob((33, -19, -28.5), (2.4, 2.4, 2.4)),  # vestibule
        _ring((38, -22, -27), 4.2, 0),
        _ring((36, -20, -24), 4.0, 1),
    )
    for solid in inner_ear:
        canvas.add("csf", solid, both=True)
    canvas.add("brainstem", pipe([(13, -19, -27), (27, -19, -27.5)], [1.2, 0.9]), both=True)


def _ring(center: tuple[float, float, float], radius: float, axis: int) -> Solid:
    """A thin ring about an axis (0: x, 1: a, 2: z)."""
    first, second = [i for i in range(3) if i != axis]
    path = []
    for angle in np.linspace(0, 2 * math.pi, 11):
        point = list(center)
        point[first] += radius * math.cos(angle)
        point[second] += radius * math.sin(angle)
        path.append((point[0], point[1], point[2]))
    return pipe(path, 0.9)
