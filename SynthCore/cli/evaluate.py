"""``synthcore evaluate``: a synthetic image against a real one, by a named preset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, say, table
from SynthCore.errors import InputError


def evaluate(
    synthetic: Annotated[Path, typer.Argument(help="The synthetic image (file or DICOM folder).")],
    reference: Annotated[Path, typer.Argument(help="The real image to compare with.")],
    preset: Annotated[
        str, typer.Option(help="Definition of the metrics, for example synthrad2023.")
    ] = "synthrad2023",
    mask: Annotated[Path | None, typer.Option(help="Score inside this mask.")] = None,
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
    from SynthCore.files.mask import read_mask
    from SynthCore.files.read import read
    from SynthCore.quality.evaluate import evaluate as measure
    from SynthCore.quality.grids import resample_to
    from SynthCore.quality.masks import tissue_of_both
    from SynthCore.quality.presets import get_preset
    from SynthCore.quality.words import metric_name, metric_value
    from SynthCore.tasks import parse_role

    if mask is not None and tissue_of_mr is not None:
        raise InputError("Give --mask or --tissue-of-mr, not both.")
    # a preset in HU is for CT, whatever a NIfTI file fails to say about itself
    role = None if modality is None else parse_role(modality)
    if role is None and get_preset(preset).unit == "HU":
        role = "CT"
    made = read(synthetic, modality=role)
    real = read(reference, modality=role or made.modality or None)
    region = None if mask is None else read_mask(mask, made)
    if tissue_of_mr is not None:
        mr = read(tissue_of_mr, modality="T1")
        if not mr.same_grid(made):
            raise InputError("The MR of --tissue-of-mr lies on another grid than the synthetic CT.")
        on_grid = resample_to(real, made)[0] if resample else real
        region = mr.with_voxels(tissue_of_both(mr.voxels, on_grid.voxels))
    found = measure(made, real, preset=preset, mask=region, resample=resample)
    data = found.to_json_dict()
    if as_json:
        print_json(data)
        return
    table(
        f"{data['preset']}: mask {data['mask']}, clip {data['clip']}, data range "
        f"{data['data_range']}, {data['voxels']} voxels",
        ["Metric", "Value"],
        [[metric_name(k), metric_value(k, v)] for k, v in found.metrics.items()],
    )
    say("A figure for the whole image says little about a lesion; look at the region itself.")
