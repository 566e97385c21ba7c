"""Slabs of CT and the cone-beam scans simulated from them, made once and kept as half floats.

Each slab of a few slices is scanned by scanners of its own, so that many are seen: a body of a
hundred slices gives dozens of scans, each of a body with organs of its own (`organs`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from SynthCore.physics.cone_beam.draw import draw_cone_beam
from SynthCore.physics.cone_beam.scan import ConeBeam
from SynthCore.physics.cone_beam.simulate import apply_cone_beam
from SynthCore.request import Progress
from SynthCore.staging import renewed
from SynthCore.training.cone_beam.organs import changed, pieces
from SynthCore.training.cone_beam.volumes import Source, Sources

THICKNESS = 12
"""Slices of a slab."""

SCANS = {"chest": 30, "abdomen": 20, "limb": 4, "head": 4}
"""Scans of every slab, by kind: few slabs of the trunk are at hand, many of limbs."""

_TISSUE_HU = -300.0


@dataclass(frozen=True)
class Slab:
    """One simulated scan.

    Attributes
    ----------
    patient, kind : str
        As in `Source`.
    cbct, ct : numpy.ndarray
        [k, j, i] float16, HU.
    seen : numpy.ndarray
        [j, i] bool, the field of view.
    scan : dict
        What was drawn: `ConeBeam.to_json`.
    """

    patient: str
    kind: str
    cbct: npt.NDArray[np.float16]
    ct: npt.NDArray[np.float16]
    seen: npt.NDArray[np.bool_]
    scan: dict[str, Any]

    def save(self, path: Path) -> None:
        """Write it; a broken write leaves nothing behind that looks whole."""
        about = json.dumps({"patient": self.patient, "kind": self.kind, "scan": self.scan})
        with renewed(path) as part:
            np.savez(part, cbct=self.cbct, ct=self.ct, seen=self.seen, about=np.array(about))

    @classmethod
    def load(cls, path: Path) -> Slab:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            return cls(
                about["patient"], about["kind"], kept["cbct"], kept["ct"], kept["seen"],
                about["scan"],
            )  # fmt: skip


def width_mm(hu: npt.NDArray[Any], pixel_mm: float) -> float:
    """Width of what is denser than fat, along i."""
    columns = np.flatnonzero((hu > _TISSUE_HU).any(axis=(0, 1)))
    return float(np.ptp(columns) * pixel_mm) if columns.size else 0.0


def scan_slab(source: Source, hu: npt.NDArray[np.float32], scan: ConeBeam) -> Slab:
    """Simulate one scan of some of a source's slices."""
    image = apply_cone_beam(scan, torch.from_numpy(np.ascontiguousarray(hu)), source.spacing)
    middle = image.seen[image.seen.shape[0] // 2]
    return Slab(
        source.patient, source.kind, image.hu.numpy().astype(np.float16),
        image.truth.numpy().astype(np.float16), middle.numpy(), scan.to_json(),
    )  # fmt: skip


def make(sources: Sources, cache: Path, seed: int, progress: Progress | None) -> None:
    """Simulate every slab that is not in `cache` yet; a source that is done is not read again."""
    cache.mkdir(parents=True, exist_ok=True)
    for number, (patient, read) in enumerate(sources.items()):
        if progress is not None:
            progress(number / len(sources), f"scan {patient}")
        done = cache / f"{patient}-{seed}.done"
        if not done.exists():
            _make(read(), cache, seed)
            done.touch()


def _make(source: Source, cache: Path, seed: int) -> None:
    depth = source.hu.shape[0]
    parts = max(1, round(depth / THICKNESS))
    edges = np.linspace(0, depth, parts + 1).round().astype(int)
    for n in range(parts):
        hu = source.hu[edges[n] : edges[n + 1]]
        numbers = pieces(hu, source.spacing)
        for d in range(SCANS[source.kind]):
            path = cache / f"{source.patient}-{n:02d}-{d:02d}-{seed}.npz"
            if not path.exists():
                stream = (seed, n, d)
                body = changed(hu, numbers, _rng(source, (*stream, 1)))
                scan_slab(source, body, draw_for(source, hu, stream)).save(path)


def _rng(source: Source, stream: tuple[int, ...]) -> np.random.Generator:
    return np.random.default_rng((int.from_bytes(source.patient.encode(), "big"), *stream))


def draw_for(source: Source, hu: npt.NDArray[Any], stream: tuple[int, ...]) -> ConeBeam:
    """A scan for these slices; the same patient and stream give the same one."""
    rng = _rng(source, stream)
    scan = draw_cone_beam(rng, width_mm(hu, source.spacing[2]))
    # the slab lies anywhere in the beam: it is never cut off within it
    return replace(scan, extent_mm=max(scan.extent_mm, 2 * hu.shape[0] * source.spacing[0]))


def load(cache: Path, patients: Iterable[str], seed: int) -> list[Slab]:
    """Every slab of these patients."""
    return [
        Slab.load(path)
        for patient in patients
        for path in sorted(cache.glob(f"{patient}-??-??-{seed}.npz"))
    ]
