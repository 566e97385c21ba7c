"""``synthcore augment``: many lesions over a cohort, as training data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.console import table as print_table
from SynthCore.errors import InputError


def augment(
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV of wishes: kind, volume_ml (0.5-3), and if wanted site (a;b) or at (X Y Z "
            "in LPS mm), contrast, texture, mass_effect, images, lesions (in each), studies (a;b)."
        ),
    ],
    studies: Annotated[
        Path,
        typer.Option(
            help="CSV of studies: study, if known patient and mask, and a column for each of T1, "
            "T1c, T2, FLAIR, PD, DIR, CT with a path relative to the table."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the data set; an interrupted one is resumed.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn.")] = 0,
    split: Annotated[
        str, typer.Option(help="Shares of the patients for train, validation and test.")
    ] = "0.7,0.15,0.15",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Place lesions over a cohort and write images, masks and records as a BIDS-like folder."""
    from SynthCore.augment.cohort import augment as make
    from SynthCore.augment.studies import read_studies
    from SynthCore.augment.wishes import read_wishes

    shares = _shares(split)
    wishes, cohort = read_wishes(table), read_studies(studies)
    with progress_bar("augment") as progress:
        found = make(wishes, cohort, out, seed=seed, shares=shares, progress=progress)
    kinds: dict[str, list[float]] = {}
    for one in found.finished:
        for facts in one.lesions:
            kinds.setdefault(facts["kind"], []).append(facts["volume_ml"])
    data = {
        "out": str(out),
        "subjects": len(found.finished),
        "new": found.new,
        "refused": found.refused,
        "lesions": {kind: {"count": len(ml), "total_ml": round(sum(ml), 3)}
                    for kind, ml in sorted(kinds.items())},
    }  # fmt: skip
    if as_json:
        print_json(data)
        return
    print_table(
        f"{len(found.finished)} subjects, {found.new} of them new",
        ["Lesion", "Count", "Total ml"],
        [[kind, str(len(ml)), f"{sum(ml):.2f}"] for kind, ml in sorted(kinds.items())],
    )
    for name, reasons in found.refused.items():
        note(f"{name} was refused: {' '.join(reasons)}")
    say(f"Data set: {out}\nBalance:  {out / 'manifest.json'}")
    say("SYNTHETIC lesions: split by patient, and test on real ones.")
    say(NOT_CLEARED)


def _shares(text: str) -> tuple[float, float, float]:
    try:
        train, validation, test = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError("Give --split as three shares, such as 0.7,0.15,0.15.") from error
    return train, validation, test
