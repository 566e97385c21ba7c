"""`super-resolution`: from thick slices to thin ones, on a grid of their own.

First the smoothest thin stack that has the acquired slices as its means. Then, where the model is
a network, what that lacks: the network sees planes that hold the slices' axis, all those across
the rows and all those across the columns, and the mean of both is added. Last the result is made
to agree with the acquired slices again, and by how much it still differs is a check of the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from SynthCore.axes import toward_lps
from SynthCore.engine import backends, memory
from SynthCore.engine.infer import infer
from SynthCore.engine.memory import told_of_tile
from SynthCore.engine.padding import VACUUM_HU, put_back
from SynthCore.engine.ready import Ready, finish
from SynthCore.engine.warm import Warm
from SynthCore.image import Image
from SynthCore.models.methods import load_method
from SynthCore.models.normalize import normalize, scale_of
from SynthCore.physics.consistency import agree, disagreement
from SynthCore.physics.fine_grid import FineGrid, fine_grid, stated_thickness
from SynthCore.physics.thick_slices import along_first
from SynthCore.request import Cancelled, Check, Progress, SynthesisResult, part_of, stop_if
from SynthCore.tasks import CT_ROLES

Float32 = npt.NDArray[np.float32]

BLOCK_PLANES = 32
"""Planes that are worked on at a time: beyond the input, three volumes of the result are held."""

NETWORK_SHARE = 0.95
"""Of the time, for the bar."""

TOLERANCE = 1e-3
"""Of the input's range: a larger difference of the result's means from an acquired slice warns.
Rounding to float32 leaves a thousandth of it."""


@dataclass(frozen=True)
class Fine:
    """Made slices [k, j, i], their grid, what made them, and the check of their means."""

    voxels: Float32
    grid: FineGrid
    backend: backends.Backend | None
    check: Check


def super_resolve(
    ready: Ready, warm: Warm, progress: Progress | None, cancelled: Cancelled | None
) -> SynthesisResult:
    """The result of a request whose task is `super-resolution`, on a finer grid than its input's.

    Raises
    ------
    SynthCoreError
        As `SynthCore.engine.synthesize.synthesize`.
    """
    fine = make_fine(ready, warm, progress, cancelled)
    chosen = replace(ready.chosen, checks=(*ready.chosen.checks, fine.check))
    rows, columns = fine.grid.first(fine.voxels).shape[1:]
    card, side = ready.chosen.bundle.card, ready.request.options.tile
    told = [*_told(fine, ready.base), *told_of_tile(card.prepare, side, (rows, columns))]
    result = finish(
        replace(ready, chosen=chosen), fine.voxels, fine.grid.affine, fine.backend, *told
    )
    # the headers are those of the patient and the study, whatever the grid
    source = replace(ready.base.source, path="")
    return replace(result, image=replace(result.image, source=source))


def estimate(
    ready: Ready, warm: Warm, progress: Progress | None, cancelled: Cancelled | None
) -> tuple[Float32, backends.Backend | None]:
    """What the model makes, the slices' axis first, before it is made to agree with the input."""
    grid = fine_grid(ready.base)
    if ready.chosen.bundle.card.kind != "network":
        job = ready.job(progress, cancelled)
        return grid.first(load_method(ready.chosen.bundle)(job)), None
    made = along_first(grid.stack.smoothest, grid.first(ready.base.voxels))
    change, backend = _change(ready, warm, made, grid.first(ready.body), progress, cancelled)
    made += change
    return made, backend


def make_fine(
    ready: Ready, warm: Warm, progress: Progress | None, cancelled: Cancelled | None
) -> Fine:
    """The made slices of the request's only input."""
    made, backend = estimate(ready, warm, progress, cancelled)
    if progress is not None:
        progress(NETWORK_SHARE, "agree with the input")
    return agreed(ready, made, backend, progress, cancelled)


def agreed(
    ready: Ready,
    made: Float32,
    backend: backends.Backend | None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Fine:
    """The slices that `estimate` gave, changed to agree with the acquired ones."""
    grid = fine_grid(ready.base)
    thick = np.ascontiguousarray(grid.first(ready.base.voxels), dtype=np.float32)
    air = VACUUM_HU if ready.target in CT_ROLES else 0.0
    floor = min(air, float(thick.min()))
    out = np.empty(made.shape, dtype=np.float32)
    largest, squares = 0.0, 0.0
    for rows in blocks(made.shape[1]):
        stop_if(cancelled)
        out[:, rows] = agree(made[:, rows], thick[:, rows], grid.stack, floor)
        most, more = disagreement(out[:, rows], thick[:, rows], grid.stack)
        largest, squares = max(largest, most), squares + more
    low, high = np.percentile(thick, (0.5, 99.5))
    span = max(float(high - low), 1e-6)
    check = _consistency(largest / span, (squares / thick.size) ** 0.5 / span, grid.thickness_mm)
    if ready.region is not None:
        put_back(out, ready.region, grid)
    voxels = np.ascontiguousarray(grid.back(out))
    if progress is not None:
        progress(1.0, "finish")
    return Fine(voxels, grid, backend, check)


def blocks(count: int) -> Iterator[slice]:
    """Runs of `BLOCK_PLANES`."""
    for first in range(0, count, BLOCK_PLANES):
        yield slice(first, min(count, first + BLOCK_PLANES))


def _consistency(largest: float, rms: float, thickness_mm: float) -> Check:
    good = largest <= TOLERANCE
    return Check(
        "consistency with the input",
        "pass" if good else "warn",
        f"Averaged over {thickness_mm:.3g} mm, taken as the thickness of the acquired slices, the "
        f"result differs from them by at most {largest:.1e} of their range (root mean square "
        f"{rms:.1e}).",
        largest,
        TOLERANCE,
    )


def _told(fine: Fine, base: Image) -> list[str]:
    grid, stack = fine.grid, fine.grid.stack
    apart = base.spacing[2 - grid.axis]
    told = [
        f"The result has {stack.made} slices {apart / stack.factor:.3g} mm apart, made from "
        f"{stack.slices} acquired ones {apart:.3g} mm apart; detail between them is estimated."
    ]
    if grid.known == "seen":
        told.append(
            "The input does not say how thick its slices are, and they look like thin samples "
            f"with gaps: {grid.thickness_mm:.3g} mm was taken."
        )
    elif grid.known == "overlap":
        stated = stated_thickness(base.source.headers[0])
        told.append(
            f"The slices are {stated:.3g} mm thick and {apart:.3g} mm apart: they overlap, and "
            f"were taken to be {grid.thickness_mm:.3g} mm thick."
        )
    elif grid.known == "assumed":
        told.append(f"The input does not say how thick its slices are: {apart:.3g} mm was taken.")
    return told


def _change(
    ready: Ready,
    warm: Warm,
    smooth: Float32,
    body: npt.NDArray[np.bool_],
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> tuple[Float32, backends.Backend]:
    """What the network adds to the smoothest slices [m, a, b], in their unit, and its backend."""
    bundle, options = ready.chosen.bundle, ready.request.options
    card = bundle.card
    how = card.prepare.normalization[ready.target]
    unit = scale_of(ready.base.voxels, how)
    scale = card.output.scale * (unit if card.output.denormalize else 1.0)
    place = fine_grid(ready.base).stack.place[:, np.newaxis]
    prepare = memory.with_tile(card.prepare, options.tile)
    tell = part_of(progress, 0.0, NETWORK_SHARE)
    tell(0.0, "load")
    device, backend = backends.choose(options.device, options.backend)
    network = warm.network(bundle)
    change = np.zeros(smooth.shape, dtype=np.float32)
    # the network sees an image the same way round, however it is stored
    turn = _turn(ready.base)
    needed, smooth, turned = _near(body, len(smooth))[turn], smooth[turn], change[turn]
    total = sum(smooth.shape[1:])
    runner: backends.Backend | None = None
    done = 0
    for across in (1, 2):
        planes = np.moveaxis(smooth, across, 0)
        wanted = np.moveaxis(needed, across, 0)
        into = np.moveaxis(turned, across, 0)
        halo = prepare.slices // 2
        for block in blocks(len(planes)):
            stop_if(cancelled)
            size = block.stop - block.start
            if wanted[block].any():
                # the planes beside the block are seen, and not made
                seen = slice(max(0, block.start - halo), min(len(planes), block.stop + halo))
                # an array that nothing else reads: tiles are gathered fastest from one piece
                image = normalize(np.ascontiguousarray(planes[seen]), how, unit)
                channels = np.stack([image, np.broadcast_to(place, image.shape)])
                asked = wanted[seen].copy()
                asked[: block.start - seen.start] = False
                asked[block.stop - seen.start :] = False
                out, runner = infer(
                    network, channels, prepare, device=device, backend=backend,
                    threads=options.threads, needed=asked,
                    progress=part_of(tell, done / total, (done + size) / total),
                    cancelled=cancelled,
                    make=warm.maker(bundle),
                )  # fmt: skip
                inner = slice(block.start - seen.start, block.stop - seen.start)
                into[block] += np.float32(scale / 2) * out[inner]
            done += size
    assert runner is not None  # noqa: S101 (a body has at least one voxel)
    return change, runner


def _turn(base: Image) -> tuple[slice, slice, slice]:
    """Reverses the axes [m, a, b] of made slices that run against L, P or S.

    Where the slices themselves are reversed, each lies in its acquired one as its mirror image
    did: the places stay.
    """
    _, order = toward_lps(base)
    flips = dict(zip(order.order, order.flip, strict=True))
    axis = fine_grid(base).axis
    first, second, third = (
        slice(None, None, -1 if flips[one] else 1)
        for one in (axis, *(other for other in range(3) if other != axis))
    )
    return first, second, third


def _near(body: npt.NDArray[np.bool_], made: int) -> npt.NDArray[np.bool_]:
    """The made slices' voxels [m, a, b] that lie in or beside a slice where the body is."""
    wide = body.copy()
    wide[1:] |= body[:-1]
    wide[:-1] |= body[1:]
    of = (np.arange(made) + 0.5) * len(body) / made
    near: npt.NDArray[np.bool_] = wide[of.astype(int)]
    return near
