"""``synthcore plan-check``: may this synthetic CT be planned on? Figures, held to thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say, table
from SynthCore.errors import InputError
from SynthCore.request import part_of

if TYPE_CHECKING:
    from SynthCore.planning.path_length import Beam
    from SynthCore.planning.registration import Kind


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
        list[str] | None,
        typer.Option(
            help="GANTRY or GANTRY/COUCH in degrees, patient head first and supine; may be "
            "repeated."
        ),
    ] = None,
    dose_reference: Annotated[
        Path | None, typer.Option(help="RTDOSE of the plan on the real CT.")
    ] = None,
    dose_synthetic: Annotated[
        Path | None, typer.Option(help="RTDOSE of the same plan on the synthetic CT.")
    ] = None,
    register: Annotated[
        str, typer.Option(help="Register the real CT first: rigid or deformable.")
    ] = "",
    dose: Annotated[
        list[str] | None,
        typer.Option(
            help="photons or protons: plan on the real CT and compute the dose of that "
            "plan on both (synthcore dose-engine install); may be repeated."
        ),
    ] = None,
    dose_spacing: Annotated[float, typer.Option(help="Spacing of the dose grid, in mm.")] = 4.0,
    dose_curve: Annotated[
        list[str] | None,
        typer.Option(help="red=CSV for photons, spr=CSV for protons; --curve is one of them."),
    ] = None,
    uncertainty: Annotated[
        Path | None, typer.Option(help="Image of the synthetic CT's standard deviation in HU.")
    ] = None,
    prescription: Annotated[
        float | None,
        typer.Option(min=0.01, max=1000.0, help="Prescribed dose in Gy; by default the plan's."),
    ] = None,
    curve: Annotated[
        Path | None, typer.Option(help="The site's curve: CSV of HU and value.")
    ] = None,
    curve_kind: Annotated[
        str, typer.Option(help="spr (stopping power) or red (electron density).")
    ] = "spr",
    thresholds: Annotated[Path | None, typer.Option(help="The site's signed TOML file.")] = None,
    write_thresholds: Annotated[
        Path | None, typer.Option(help="Write a file of thresholds to edit and sign, then exit.")
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(help="Line X,Y,Z/X,Y,Z (LPS mm) to plot CT numbers along; may be repeated."),
    ] = None,
    by: Annotated[str, typer.Option(help="Who checks, for the report.")] = "",
    out: Annotated[Path | None, typer.Option(help="HTML file of the report to write.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="PDF file of the report to write.")] = None,
    sr: Annotated[
        Path | None, typer.Option(help="DICOM Structured Report to write; needs DICOM images.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a synthetic CT for planning, as far as the files given allow.

    Exit code 0 where nothing failed, 3 where a check did not pass its threshold or an image was
    refused: a real CT that is synthetic, an MR that is none.
    """
    from SynthCore.planning.acceptance import DEFAULTS, read_acceptance
    from SynthCore.planning.density import GENERIC, read_curve
    from SynthCore.planning.engine.of_study import read_options
    from SynthCore.planning.plan_check import check
    from SynthCore.planning.profiles import parse_line, require_within
    from SynthCore.planning.report import as_json as to_json
    from SynthCore.planning.report_files import ReportFiles, write_files
    from SynthCore.planning.study import Paths, read_study

    if write_thresholds is not None:
        _write_thresholds(write_thresholds, as_json)
        return
    if synthetic is None:
        raise InputError("Give the synthetic CT to check.")
    if curve_kind not in GENERIC:
        raise InputError(f"--curve-kind is red or spr, not {curve_kind!r}.")
    files = ReportFiles(out, pdf, sr)
    files.refuse_existing()
    lines = tuple(parse_line(text) for text in profile or ())
    accepted = DEFAULTS if thresholds is None else read_acceptance(thresholds)
    density = GENERIC[curve_kind] if curve is None else read_curve(curve, curve_kind)
    computing = read_options(dose or (), dose_spacing, dose_curve or (), density)
    beams = tuple(read_beam(text) for text in beam or ())
    masks = _masks(structure or ())
    kind = _kind(register, reference)
    paths = Paths(
        synthetic,
        reference,
        mr,
        structures,
        masks,
        plan,
        dose_reference,
        dose_synthetic,
        kind,
        uncertainty,
    )
    with progress_bar("plan-check") as progress:
        progress(0.0, "read")
        study = read_study(paths, tuple(target or ()), progress=part_of(progress, 0.0, 0.3))
        files.refuse_without_dicom(study)
        for line in lines:
            require_within(line, study.synthetic)
        found = check(
            study, acceptance=accepted, curve=density, beams=beams,
            prescription_gy=prescription, dose=computing,
            progress=part_of(progress, 0.3, 1.0),
        )  # fmt: skip
    written = write_files(files, study, found, checked_by=by, lines=lines)
    if as_json:
        report = None if out is None else str(out)
        print_json({**to_json(found), "report": report, "files": [str(path) for path in written]})
    else:
        table(
            "Plan check",
            ["", "Check", "Value", "Bounds"],
            [[f.light, f.title, f.text, f.limit] for f in found.findings],
        )
        for finding in found.findings:
            if finding.light == "warn":
                say(f"Warning: {finding.reason}")
        for note in found.notes:
            say(note)
        say(found.verdict)
        for path in written:
            say(f"Report: {path}")
    if found.light == "fail":
        raise typer.Exit(3)


def _write_thresholds(path: Path, as_json: bool) -> None:
    from SynthCore.planning.acceptance import as_toml
    from SynthCore.staging import new_files

    with new_files(path) as (part,):
        part.write_text(as_toml(), encoding="utf-8")
    if as_json:
        print_json({"thresholds": str(path)})
    else:
        say(f"Thresholds: {path}")


def read_beam(text: str) -> Beam:
    """A beam as typed: ``GANTRY`` or ``GANTRY/COUCH``."""
    from SynthCore.planning.path_length import Beam

    wrong = f"--beam {text!r} is not an angle: give GANTRY or GANTRY/COUCH."
    gantry, _, couch = text.partition("/")
    try:
        beam = Beam(float(gantry), float(couch or 0))
    except ValueError as error:
        raise InputError(wrong) from error
    if not all(-360 <= angle <= 360 for angle in (beam.gantry, beam.couch)):
        raise InputError(wrong)
    return beam


def _kind(text: str, reference: Path | None) -> Kind | None:
    if not text:
        return None
    if reference is None:
        raise InputError("--register moves the real CT: give it with --reference.")
    from SynthCore.planning.registration import parse_kind

    return parse_kind(text)


def _masks(texts: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, path in (_named(text) for text in texts):
        if name in found:
            raise InputError(
                f"--structure {name} is given twice: a structure has one mask, so rename one."
            )
        found[name] = path
    return found


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name.strip() or not path:
        raise InputError(f"--structure {text!r} is not NAME=PATH.")
    return name.strip(), Path(path)
