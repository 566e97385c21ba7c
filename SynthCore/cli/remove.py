"""``synthcore remove``: healthy tissue in place of a lesion, in all sequences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.inputs import parse_inputs
from SynthCore.cli.run import Format
from SynthCore.image import Image, summary
from SynthCore.one_run.inputs import read_inputs, refuse_within
from SynthCore.request import Options, SynthesisRecord


def remove(
    inputs: Annotated[
        list[str],
        typer.Option("--input", help="ROLE=PATH; repeat for each sequence of the patient."),
    ],
    mask: Annotated[Path, typer.Option(help="Mask of the lesion, drawn on the first input.")],
    out: Annotated[
        Path, typer.Option(help="Folder for the results; nothing in it is overwritten.")
    ],
    margin: Annotated[float, typer.Option(help="Margin added around the mask, 0 to 15 mm.")] = 2.0,
    smooth: Annotated[
        float,
        typer.Option(
            help="Width in mm, inside the margin, over which the fill fades into the image."
        ),
    ] = 1.5,
    contralateral: Annotated[
        bool, typer.Option(help="Take folds and texture from the other hemisphere.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise in the fill.")] = 0,
    model: Annotated[
        str | None, typer.Option(help="Model of the task inpaint; by default the best.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda:N.")] = "auto",
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the images.")
    ] = Format.dicom,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Remove a lesion from every sequence at once, and say where the real ones differ.

    Writes a pseudo-healthy image of each sequence with its record and report, and an anomaly map
    of each as NIfTI: the difference in standard deviations of the healthy tissue around.
    """
    from SynthCore.files.mask import read_mask_of
    from SynthCore.files.write import write_nifti
    from SynthCore.lesions.remove import remove as take_away
    from SynthCore.lesions.remove import require_removable
    from SynthCore.one_run.publish import names_of, publish
    from SynthCore.staging import refuse_existing, staged

    paths = parse_inputs(inputs)
    require_removable(tuple(paths), margin, smooth)
    maps = {role: f"anomaly-{role}.nii.gz" for role in paths}
    refuse_within(out, paths)
    refuse_existing(out, (*(n for role in paths for n in names_of(role)), *maps.values()))
    data: dict[str, Any] = {"images": {}, "anomaly": {}, "model": {}}
    told: list[str] = []
    with progress_bar("remove") as progress:
        progress(0.0, "read")
        images = read_inputs(paths)
        region = read_mask_of(mask, list(images.values()))
        found = take_away(
            images, region, margin_mm=margin, smoothing_mm=smooth, contralateral=contralateral,
            seed=seed, model=model, options=Options(seed, device),
            progress=lambda fraction, stage: progress(0.85 * fraction, stage),
        )  # fmt: skip
        with staged(out) as stage:
            for n, (role, result) in enumerate(found.results.items()):
                progress(0.85 + 0.15 * n / len(images), f"write {role}")
                written = publish(result, images, stage, output_format.value, mask=found.mask)
                told += written.warnings
                record = _of_map(result.record, found.anomaly[role])
                write_nifti(found.anomaly[role], stage / maps[role], record_json=record)
                data["images"][role] = str(out / written.image.name)
                data["anomaly"][role] = str(out / maps[role])
                data["model"][role] = result.record.model
    data["warnings"] = list(dict.fromkeys((*found.warnings, *told)))
    if as_json:
        print_json(data)
        return
    for warning in data["warnings"]:
        note(f"Warning: {warning}")
    for role, path in data["images"].items():
        say(f"{role}: {path}, anomaly map {data['anomaly'][role]}")
    say(NOT_CLEARED)


def _of_map(record: SynthesisRecord, image: Image) -> str:
    """The record of an anomaly map: the removal's, with the map as its output."""
    return replace(record, output=summary(image)).to_json()
