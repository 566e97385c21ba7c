"""What is random of a lesion, drawn once from its seed before anything is applied."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.lesions.scene import Scene
from SynthCore.lesions.shapes import Shape, frame_along, random_frame, unit_stretch
from SynthCore.lesions.sites import check_point, direction_at, draw_sites, radius_of
from SynthCore.lesions.wish import LesionWish, Point

PLAQUE_ML = 0.18
"""Of a usual plaque: 7 mm across (Filippi et al., Brain 2019;142:1858: 3 mm to over 10 mm)."""

MOST_PLAQUES = 14


@dataclass(frozen=True)
class Drawn:
    """A lesion's form.

    Attributes
    ----------
    shapes : tuple of Shape
        One, or every plaque.
    rim_share : float
        Thickness of a rim as a share of the radius; 0 without a core of another tissue.
    edema_share : float
        Volume of edema relative to the lesion's.
    edge_mm : float
        Width of its border.
    site : str
        The rule by which its place was drawn; empty for a point.
    """

    shapes: tuple[Shape, ...]
    rim_share: float
    edema_share: float
    edge_mm: float
    site: str = ""


def draw(scene: Scene, wish: LesionWish) -> Drawn:
    """Draw the form of a wish in a scene.

    Raises
    ------
    RefusedError
        If its place is not possible.
    """
    rng = np.random.default_rng([wish.seed, 3])
    if wish.at is not None:
        check_point(scene, wish, wish.at)
    if wish.kind == "ms-plaques":
        return _plaques(scene, wish, rng)
    site, (at, *_) = ("", [wish.at]) if wish.at else draw_sites(scene, wish, 1)
    radius = radius_of(wish.volume_ml)
    seed = int(rng.integers(2**31))
    spread = {"glioma": 0.16, "hemorrhage": 0.2, "infarct": 0.15}.get(wish.kind, 0.08)
    stretch = unit_stretch(_three(np.exp(rng.normal(0, spread, 3))))
    if wish.kind == "infarct":
        outward = direction_at(scene, -scene.depth, at, 6.0)
        shape = Shape(at, frame_along(outward, rng), (1.0, *stretch[1:]), radius,
                      float(rng.uniform(0.10, 0.16)), seed, wedge=True)  # fmt: skip
        return Drawn((shape,), 0.0, 0.0, 1.6, site)
    ragged = {
        "glioma": 0.17,
        "hemorrhage": 0.13,
        "metastasis": 0.08,
        "lung-nodule-solid": 0.14,
    }.get(wish.kind, 0.11)
    spikes = 0.0
    if wish.kind == "lung-nodule-solid" and rng.random() < 0.5:
        spikes = float(rng.uniform(0.25, 0.6))
    shape = Shape(at, random_frame(rng), stretch, radius,
                  ragged * float(rng.uniform(0.8, 1.25)), seed, spikes=spikes)  # fmt: skip
    rim, edema, edge = _extras(wish, rng, radius)
    return Drawn((shape,), rim, edema, edge, site)


def _extras(
    wish: LesionWish, rng: np.random.Generator, radius: float
) -> tuple[float, float, float]:
    """Rim, edema and border by kind (estimates; edema: Osborn; hematomas: about their volume)."""
    if wish.kind == "glioma":
        return float(rng.uniform(0.16, 0.30)), float(rng.uniform(0.7, 2.0)), 1.2
    if wish.kind == "metastasis":
        rim = float(rng.uniform(0.25, 0.45)) if radius > 5.5 else 0.0
        return rim, float(rng.uniform(0.8, 3.0)), 0.8
    if wish.kind == "hemorrhage":
        return 0.0, float(rng.uniform(0.4, 0.9)), 0.7
    if wish.kind == "lung-nodule-part-solid":
        return float(rng.uniform(0.35, 0.55)), 0.0, 1.2
    if wish.kind == "liver-hypovascular":
        return float(rng.uniform(0.2, 0.4)), 0.0, 1.5
    return 0.0, 0.0, 0.9 if wish.what.organ == "lung" else 1.5


def _plaques(scene: Scene, wish: LesionWish, rng: np.random.Generator) -> Drawn:
    """Ovoids; near ventricles they stand at right angles to their wall, along the veins."""
    count = 1 if wish.at else int(np.clip(round(wish.volume_ml / PLAQUE_ML), 1, MOST_PLAQUES))
    mean = radius_of(wish.volume_ml / count)
    site, centers = (
        ("", [wish.at]) if wish.at else draw_sites(scene, wish, count, apart_mm=3.0 * mean + 6)
    )
    shapes = []
    for center in centers:
        outward = direction_at(scene, scene.from_ventricle, center, 2.5)
        near = float(_value(scene, center)) < 12
        long = float(rng.uniform(1.5, 2.3)) if near else float(rng.uniform(1.0, 1.5))
        frame = frame_along(outward, rng) if near else random_frame(rng)
        flat = float(rng.uniform(0.85, 1.15))
        shapes.append(
            Shape(
                center,
                frame,
                unit_stretch((long, flat, 1 / flat)),
                mean,
                float(rng.uniform(0.09, 0.16)),
                int(rng.integers(2**31)),
                weight=math.exp(float(rng.normal(0, 0.3))),
            )
        )
    return Drawn(tuple(shapes), 0.0, 0.0, 1.3, site)


def _value(scene: Scene, at: Point) -> float:
    index = scene.grid.index(np.asarray(at, dtype=np.float32))
    place = tuple(
        int(np.clip(round(float(v)), 0, n - 1))
        for v, n in zip(index, scene.organ.shape, strict=True)
    )
    return float(scene.from_ventricle[place])


def _three(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
