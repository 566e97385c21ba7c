"""``synthcore plan-check``: may this synthetic CT be planned on? Figures, held to thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say, table
from SynthCore.errors import InputError


def plan_check(
    synthetic: Annotated[
        Path | None, typer.Argument(help="The synthetic CT (DICOM folder or file).")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="The patient's real CT, registered to it.")
    ] = None,
    mr: Annotated[Path | None, typer.Option(help="The MR it was made from.")] = None,
    structures: Annotated[Path | None, typer.Option(help="RTSTRUCT file.")] = None,
    structure: Annotated[
        list[str] | None, typer.Option(help="NAME=MASK image; may be repeated.")
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option(help="Name of a target; may be repeated.")
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="RTPLAN file, for beams.")] = None,
    beam: Annotated[
        list[str] | None, typer.Option(help="GANTRY or GANTRY/COUCH in degrees; may be repeated.")
    ] = None,
    dose_reference: Annotated[
        Path | None, typer.Option(help="RTDOSE of the plan on the real CT.")
    ] = None,
    dose_synthetic: Annotated[
        Path | None, typer.Option(help="RTDOSE of the same plan on the synthetic CT.")
    ] = None,
    prescription: Annotated[float | None, typer.Option(min=0.01, help="In Gy.")] = None,
    curve: Annotated[
        Path | None, typer.Option(help="The site's curve: CSV of HU and value.")
    ] = None,
    curve_kind: Annotated[
        str, typer.Option(help="spr (stopping power) or red (electron density).")
    ] = "spr",
    thresholds: Annotated[Path | None, typer.Option(help="The site's signed TOML file.")] = None,
    write_thresholds: Annotated[
        Path | None, typer.Option(help="Write a file of thresholds to edit and sign, and end.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="HTML file of the report, to be made.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a synthetic CT for planning, as far as the files given allow.

    Exit code 0 where nothing failed, 3 where a check did not pass its threshold.
    """
    from SynthCore.planning.acceptance import DEFAULTS, as_toml, read_acceptance
    from SynthCore.planning.density import GENERIC, read_curve
    from SynthCore.planning.path_length import Beam
    from SynthCore.planning.plan_check import check
    from SynthCore.planning.report import as_json as to_json
    from SynthCore.planning.report import write_report
    from SynthCore.planning.study import Paths, read_study
    from SynthCore.staging import new_files, refuse_existing

    if write_thresholds is not None:
        with new_files(write_thresholds) as (part,):
            part.write_text(as_toml(), encoding="utf-8")
        say(f"Thresholds: {write_thresholds}")
        return
    if synthetic is None:
        raise InputError("Give the synthetic CT to check.")
    if curve_kind not in GENERIC:
        raise InputError(f"--curve-kind is red or spr, not {curve_kind!r}.")
    if out is not None:
        refuse_existing(out)
    accepted = DEFAULTS if thresholds is None else read_acceptance(thresholds)
    density = GENERIC[curve_kind] if curve is None else read_curve(curve, curve_kind)
    beams = tuple(Beam(*_angles(text)) for text in beam or ())
    masks = dict(_named(text) for text in structure or ())
    paths = Paths(synthetic, reference, mr, structures, masks, plan, dose_reference, dose_synthetic)
    study = read_study(paths, tuple(target or ()))
    with progress_bar("plan-check") as progress:
        found = check(
            study, acceptance=accepted, curve=density, beams=beams,
            prescription_gy=prescription, progress=progress,
        )  # fmt: skip
    if out is not None:
        write_report(out, study, found)
    if as_json:
        print_json({**to_json(found), "report": None if out is None else str(out)})
    else:
        table(
            "Plan check",
            ["", "Check", "Value", "Accepted"],
            [[f.light, f.title, f.text, f.limit] for f in found.findings],
        )
        for note in found.notes:
            say(note)
        say(found.verdict)
        if out is not None:
            say(f"Report: {out}")
    if found.light == "fail":
        raise typer.Exit(3)


def _angles(text: str) -> tuple[float, ...]:
    try:
        angles = tuple(float(part) for part in text.split("/"))
    except ValueError as error:
        raise InputError(f"--beam {text!r} is no angle: give GANTRY or GANTRY/COUCH.") from error
    if not 1 <= len(angles) <= 2 or not all(-360 <= angle <= 360 for angle in angles):
        raise InputError(f"--beam {text!r} is no angle: give GANTRY or GANTRY/COUCH.")
    return angles


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name.strip() or not path:
        raise InputError(f"--structure {text!r} is not NAME=PATH.")
    return name.strip(), Path(path)
