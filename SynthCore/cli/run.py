"""``synthcore run``: synthesize, write, report."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.inputs import parse_inputs
from SynthCore.errors import InputError
from SynthCore.one_run.inputs import refuse_within
from SynthCore.request import Options
from SynthCore.tasks import get_task, parse_role


class Format(StrEnum):
    """Formats a result can be written in."""

    dicom = "dicom"
    nifti = "nifti"


def run(
    task: Annotated[str, typer.Argument(help="A task; see `synthcore tasks`.")],
    inputs: Annotated[
        list[str],
        typer.Option(
            "--input",
            help="ROLE=PATH; repeat for each role. PATH is a DICOM folder or file, NIfTI, NRRD, "
            "MHA or MGZ; PATH#SERIES names one series of a folder.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the result; nothing in it is overwritten.")],
    target: Annotated[
        str | None, typer.Option(help="Role to make, where there is a choice.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model id or folder; by default the best.")
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(help="Mask image: what a task fills; with --reference, the region to score."),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="A real image to compare with in the report.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda:N.")] = "auto",
    backend: Annotated[str, typer.Option(help="auto, openvino or torch.")] = "auto",
    tile: Annotated[
        int | None,
        typer.Option(
            min=128,
            help="Side of a tile: smaller takes less memory, and values near its edges differ.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed for whatever is random.")] = 0,
    uncertainty: Annotated[
        bool,
        typer.Option(
            "--uncertainty",
            help="Estimate how far the result can be trusted as well, where the model's card has "
            "a calibration; takes several times as long.",
        ),
    ] = False,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the result.")
    ] = Format.dicom,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Synthesize an image, mark it, and write it with its record and a report."""
    from SynthCore.one_run.publish import names_of, publish
    from SynthCore.staging import refuse_existing

    kind = get_task(task)
    paths = parse_inputs(inputs)
    made = kind.resolve_target(tuple(paths), None if target is None else parse_role(target))
    if mask is not None and reference is None and not kind.needs_mask:
        raise InputError(f"The task {task} takes no mask: leave out --mask.")
    others = {"the reference": reference, "the mask": mask}
    refuse_within(out, paths | {what: str(path) for what, path in others.items() if path})
    refuse_existing(out, names_of(made))

    from SynthCore.engine.backends import require_known
    from SynthCore.engine.select import asked_for
    from SynthCore.models.library import place_problems
    from SynthCore.one_run.compute import Wanted, compute

    # what is wrong without an image is told before one is read
    require_known(device, backend)
    if model is not None:
        asked_for(model, kind, tuple(paths), made)
    with progress_bar(task) as progress:
        options = Options(seed, device, backend, tile=tile, uncertainty=uncertainty)
        wanted = Wanted(task, paths, made, model, mask, reference, options)
        found = compute(wanted, progress=progress)
        result = found.result
        progress(1.0, "write")
        written = publish(
            result,
            found.images,
            out,
            output_format.value,
            mask=found.mask,
            reference=found.reference,
        )
    warnings = [*place_problems(), *result.warnings, *written.warnings]
    data: dict[str, Any] = {
        "task": task,
        "model": result.record.model,
        "image": str(written.image),
        "record": str(written.record),
        "report": str(written.report),
        "uncertainty": None if written.uncertainty is None else str(written.uncertainty),
        "checks": [dataclasses.asdict(check) for check in result.checks],
        "warnings": warnings,
        "seconds": round(result.seconds, 3),
        "device": result.record.device,
    }
    if as_json:
        print_json(data)
        return
    for warning in warnings:
        note(f"Warning: {warning}")
    say(f"{data['model']} made a synthetic {made} in {result.seconds:.1f} s on {data['device']}.")
    say(f"Image:  {data['image']}\nRecord: {data['record']}\nReport: {data['report']}")
    if written.uncertainty is not None:
        say(f"Uncertainty: {data['uncertainty']}")
    say(NOT_CLEARED)
