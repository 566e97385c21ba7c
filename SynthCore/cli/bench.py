"""``synthcore bench``: speed and quality, each against a named peer in the same run."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from SynthCore.cli.console import print_json, progress_bar, say
from SynthCore.errors import InputError

DATA_VARIABLE = "SLICERSYNTH_DATA"


class What(StrEnum):
    """Benchmarks there are."""

    speed = "speed"
    worker = "worker"
    imports = "import"
    mr_to_ct = "mr-to-ct"
    mr_sequence = "mr-sequence"
    ct_denoise = "ct-denoise"
    inpaint = "inpaint"
    super_resolution = "super-resolution"
    cbct_to_ct = "cbct-to-ct"
    dose = "dose"
    augment = "augment"
    lesions = "lesions"
    lesion_borders = "lesion-borders"
    lesion_regions = "lesion-regions"
    uncertainty = "uncertainty"
    contrasts = "contrasts"
    quality = "quality"


TABLES = {
    What.mr_to_ct: "extremity",
    What.mr_sequence: "sequence",
    What.ct_denoise: "denoise",
    What.inpaint: "inpaint",
    What.super_resolution: "super_resolution",
    What.cbct_to_ct: "cone_beam",
    What.dose: "dose",
    What.augment: "augment.table",
    What.lesions: "lesions",
    What.lesion_borders: "lesion_borders",
    What.lesion_regions: "lesion_regions",
    What.uncertainty: "uncertainty.table",
    What.contrasts: "contrasts",
    What.quality: "quality.quality",
}
"""Module of `SynthCore.bench` whose ``table(data, out, progress)`` gives figures and their text."""


NEEDS_NOTHING = (What.contrasts,)
"""Tables without real images."""


def bench(
    what: Annotated[What, typer.Argument(help="What to measure.")] = What.speed,
    model: Annotated[str, typer.Option(help="Model, for speed and worker.")] = "mr-to-ct-extremity",
    image: Annotated[
        Path | None, typer.Option("--input", help="Image, for speed; default: a phantom head.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help=f"Folder of real images; default: ${DATA_VARIABLE}.")
    ] = None,
    pairs: Annotated[
        int, typer.Option(min=1, help="Runs of each side, for speed; runs, for worker.")
    ] = 3,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and pictures.")] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(
            help="For quality: only this task; for uncertainty: only this model; may be repeated."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure against a named peer in the same run.

    speed: our engine and MONAI's SlidingWindowInferer, same weights and volume.
    worker: click to picture, preview and cancel, against the engine's own time.
    import: seconds of `import SynthCore`. quality: every model on every real case, one table
    and a page of pictures a case. lesions: placed in real images and removed from them.
    lesion-borders: gradients of placed borders beside real ones. lesion-regions: sides and lobes
    by proportions beside label maps.
    uncertainty: calibrated on patients left out, coverage and correlation with the true error.
    contrasts: how bright tissues of generated people are beside white matter.
    augment: a segmentation trained without and with placed lesions.
    A task's name: its own table on real images, with its peers.
    """
    run: dict[What, Callable[[], tuple[dict[str, Any], str]]] = {
        What.speed: lambda: _speed(model, image, pairs),
        What.worker: lambda: _worker(model, pairs),
        What.imports: _import,
    }
    if what in TABLES:
        folder = Path() if what in NEEDS_NOTHING else _folder(data)
        result, text = _table(what, folder, out, task or [])
    else:
        result, text = run[what]()
    if as_json:
        print_json(result)
    else:
        say(text)


def _folder(data: Path | None) -> Path:
    folder = data or Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    if not folder.is_dir():
        raise InputError(f"There is no folder of real images at {folder}; give --data FOLDER.")
    return folder


def _speed(model: str, path: Path | None, pairs: int) -> tuple[dict[str, Any], str]:
    from SynthCore.bench.inference import compare
    from SynthCore.bench.phantom import body_phantom
    from SynthCore.files.read import read
    from SynthCore.models.library import find_bundle

    role = find_bundle(model).card.inputs[0]
    image = body_phantom(role) if path is None else read(path, modality=role)
    found = []
    for peer in ("monai", "monai-batch-1"):
        with progress_bar(f"speed against {peer}") as progress:
            found.append(compare(model, image, peer=peer, pairs=pairs, progress=progress))
    lines = [
        f"{c.model} on {c.shape[2]} x {c.shape[1]} x {c.shape[0]} voxels, {c.pairs} pairs: "
        f"{c.speedup:.2f} times as fast as {c.peer}, {c.memory:.2f} of its peak memory, "
        f"largest difference {c.difference:.1e} of the range "
        f"({c.seconds[0]:.2f} s and {c.peak_mb[0]:.0f} MB; {c.seconds[1]:.2f} s and "
        f"{c.peak_mb[1]:.0f} MB)"
        for c in found
    ]
    return {"speed": [dataclasses.asdict(c) for c in found]}, "\n".join(lines)


def _worker(model: str, runs: int) -> tuple[dict[str, Any], str]:
    from SynthCore.bench.worker import measure

    with progress_bar("worker") as progress:
        found = measure(model, runs=runs, progress=progress)
    k, j, i = found.shape
    text = (
        f"{found.model} on {i} x {j} x {k} voxels through the worker, warm, {found.runs} runs:\n"
        f"click to picture {found.whole:.2f} s, {found.overhead:.3f} times the engine's own "
        f"{found.engine:.2f} s\n"
        f"preview of a slice {found.next_preview:.2f} s, {found.next_speedup:.1f} times as fast "
        f"as the whole (first of a volume: {found.first_preview:.2f} s, "
        f"{found.first_speedup:.1f} times)\n"
        f"cancelled within {found.cancel:.2f} s"
    )
    return dataclasses.asdict(found), text


def _import() -> tuple[dict[str, Any], str]:
    from SynthCore.bench.import_time import measure

    seconds, heavy = measure()
    return (
        {"import_seconds": seconds, "heavy_modules": heavy},
        f"import SynthCore: {seconds:.3f} s (median of 5), heavy modules loaded: "
        f"{', '.join(heavy) or 'none'}",
    )


def _table(
    what: What, data: Path, out: Path | None, tasks: list[str]
) -> tuple[dict[str, Any], str]:
    """The table of one task, or of all."""
    module = import_module(f"SynthCore.bench.{TABLES[what]}")
    more = {"tasks": tasks} if what in (What.quality, What.uncertainty) else {}
    on = "" if what in NEEDS_NOTHING else " on real images"
    with progress_bar(f"{what.value}{on}") as progress:
        made: tuple[dict[str, Any], str] = module.table(data, out, progress, **more)
    return made
