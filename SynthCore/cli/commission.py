"""``synthcore commission``: the checks of ``plan-check`` over several patients."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say, table
from SynthCore.errors import InputError


def commission(
    patients: Annotated[
        Path, typer.Argument(help="CSV: patient, date, synthetic, reference, mr, structures, ...")
    ],
    out: Annotated[Path, typer.Option(help="New folder for the page, tables and JSON.")],
    thresholds: Annotated[Path | None, typer.Option(help="The site's signed TOML file.")] = None,
    curve: Annotated[
        Path | None, typer.Option(help="The site's curve: CSV of HU and value.")
    ] = None,
    curve_kind: Annotated[
        str, typer.Option(help="spr (stopping power) or red (electron density).")
    ] = "spr",
    beam: Annotated[
        list[str] | None,
        typer.Option(help="GANTRY or GANTRY/COUCH in degrees; may be repeated. Else the plans'."),
    ] = None,
    register: Annotated[
        str, typer.Option(help="Register the real CTs first: rigid or deformable.")
    ] = "",
    by: Annotated[str, typer.Option(help="Who checks, for the page.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check the synthetic CTs of several patients: mean, spread, worst case, trend, equivalence.

    Exit code 3 where a patient did not pass or could not be checked, else 0: also where nothing
    was judged, as without a signed file of thresholds that apply. The verdict says which.
    """
    from SynthCore.cli.plan_check import read_beam
    from SynthCore.planning.acceptance import DEFAULTS, read_acceptance
    from SynthCore.planning.cohort import check_cohort, with_registration
    from SynthCore.planning.cohort_report import as_json as to_json
    from SynthCore.planning.cohort_report import row_of, write_cohort
    from SynthCore.planning.cohort_table import read_cohort
    from SynthCore.planning.density import GENERIC, read_curve
    from SynthCore.staging import refuse_filled

    if curve_kind not in GENERIC:
        raise InputError(f"--curve-kind is red or spr, not {curve_kind!r}.")
    refuse_filled(out)
    accepted = DEFAULTS if thresholds is None else read_acceptance(thresholds)
    density = GENERIC[curve_kind] if curve is None else read_curve(curve, curve_kind)
    beams = tuple(read_beam(text) for text in beam or ())
    cohort = read_cohort(patients)
    if register:
        cohort = with_registration(cohort, register)
    with progress_bar("commission") as progress:
        found = check_cohort(
            cohort, acceptance=accepted, curve=density, beams=beams, progress=progress
        )
    write_cohort(out, found, checked_by=by)
    if as_json:
        print_json({**to_json(found), "folder": str(out)})
    else:
        table(
            "Commissioning",
            ["Check", "Patients", "Mean", "Worst", "Passed"],
            [
                [row[name] for name in ("title", "n", "mean", "worst", "passed")]
                for row in (row_of(s, accepted) for s in found.summaries if s.judged)
            ],
        )
        for one in found.patients:
            if one.refused:
                say(f"Line {one.row} was not checked: {one.refused}")
        say(found.verdict)
        say(f"Results: {out}")
    if found.light == "fail":
        raise typer.Exit(3)
