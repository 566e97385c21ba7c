"""``synthcore evaluate``: a synthetic image against a real one, by a named preset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say, table
from SynthCore.errors import InputError


def evaluate(
    synthetic: Annotated[Path, typer.Argument(help="The synthetic image (file or DICOM folder).")],
    reference: Annotated[Path, typer.Argument(help="The real image to compare with.")],
    preset: Annotated[
        str | None,
        typer.Option(help="Metrics as defined by it: synthrad2023 for CT, brasyn for MR."),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            help="Score inside this mask; by brasyn the body is scored, and the mask apart, as "
            "the lesion."
        ),
    ] = None,
    tissue_of_mr: Annotated[
        Path | None,
        typer.Option(
            help="Score inside the tissue that this MR (on the same grid) and the reference CT "
            "share, eroded by two voxels."
        ),
    ] = None,
    resample: Annotated[
        bool, typer.Option(help="Resample the reference onto the synthetic image's grid.")
    ] = False,
    modality: Annotated[
        str | None, typer.Option(help="Role of both images, where the files do not say it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a synthetic image against a real one."""
    from SynthCore.engine.role_checks import like_ct, require_modality, require_role
    from SynthCore.files.made_by import made_by
    from SynthCore.files.mask import read_mask
    from SynthCore.files.read import read
    from SynthCore.quality.evaluate import (
        GIVEN,
        TISSUE_OF_BOTH,
        default_preset,
        field_of,
        tissue_mask,
    )
    from SynthCore.quality.evaluate import evaluate as measure
    from SynthCore.quality.grids import resample_to
    from SynthCore.quality.presets import get_preset
    from SynthCore.quality.words import metric_name, metric_value
    from SynthCore.tasks import parse_role

    if mask is not None and tissue_of_mr is not None:
        raise InputError("Give --mask or --tissue-of-mr, not both.")
    role = None if modality is None else parse_role(modality)
    made = read(synthetic, modality=role)
    wants_hu = preset is None or get_preset(preset).unit == "HU"
    if not made.modality and made.source.kind != "dicom" and wants_hu:
        # a file that says nothing of itself is taken as the preset needs it; others are not
        made = replace(made, modality="CT", unit="HU")
    preset = preset or default_preset("", made.modality)
    real = read(reference, modality=role)
    if not real.modality and real.source.kind != "dicom":
        real = replace(real, modality=made.modality, unit=made.unit)
    if get_preset(preset).unit == "HU":
        for name, image in (("synthetic image", made), ("reference", real)):
            require_modality("CT", image, f"Give a CT as the {name}.")
    else:
        for name, image in (("synthetic image", made), ("reference", real)):
            if like_ct(image):
                raise InputError(
                    f"The {name} looks like CT numbers, and the preset {preset} is for MR: add "
                    "--preset synthrad2023, or give the MR."
                )
    region = None if mask is None else read_mask(mask, made)
    if tissue_of_mr is not None:
        on_grid = resample_to(real, made)[0] if resample else real
        mr = read(tissue_of_mr, modality="T1")
        require_role("T1", mr, "Give the MR as --tissue-of-mr.")
        region = tissue_mask(mr, on_grid)
    named = GIVEN if tissue_of_mr is None else TISSUE_OF_BOTH
    field = field_of(made_by(made).task, made)
    with progress_bar("evaluate") as progress:
        found = measure(
            made, real, preset=preset, mask=region, mask_name=named, resample=resample,
            field=field, progress=progress,
        )  # fmt: skip
    data = found.to_json_dict()
    if as_json:
        print_json(data)
        return
    table(
        str(data["preset"]),
        ["Metric", "Value"],
        [[metric_name(k), metric_value(k, v)] for k, v in found.metrics.items()],
    )
    clip = "none" if data["clip"] is None else " to ".join(f"{end:.6g}" for end in data["clip"])
    wide = "" if data["data_range"] is None else f"; data range {data['data_range']:.6g}"
    if get_preset(found.preset).family == "mr-sequence":
        clip = f"each image to its own range, the reference's is {clip}"
    say(f"Mask: {data['mask']}, {data['voxels']} voxels. Clip: {clip}{wide}.")
    say(f"SSIM: {data['window']}.")
    for line in data["notes"]:
        say(line)
    say("A figure for the whole image says little about a lesion; look at the region itself.")
