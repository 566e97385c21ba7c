"""The report of a reader study: one HTML page, and two tables beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import SynthCore
from SynthCore.quality.pages import environment
from SynthCore.quality.report_pictures import Picture, picture
from SynthCore.readers.answers import LIKERT_QUESTIONS
from SynthCore.readers.export import answers_csv, figures_csv
from SynthCore.readers.found import Results
from SynthCore.readers.page import TEMPLATES
from SynthCore.readers.plots import (
    confidence_plot,
    likert_plot,
    roc_plot,
    times_plot,
    worst_pictures,
)
from SynthCore.readers.study import Study, Truths, open_key
from SynthCore.readers.words import kappa, number, p_value, percent, share, span, verdict
from SynthCore.staging import new_files, refuse_files

RESULTS, FIGURES = "results.csv", "statistics.csv"
MOST_SHOWN = 4
"""Of the images that most readers mistook, with their pictures."""


@dataclass(frozen=True)
class ReportFiles:
    """What is written."""

    page: Path
    results: Path
    figures: Path


def files_of(page: Path) -> ReportFiles:
    """The report, and the tables in its folder."""
    return ReportFiles(page, page.with_name(RESULTS), page.with_name(FIGURES))


def refuse_existing_report(page: Path) -> None:
    """See, before anything is computed, that every file is new and can be written.

    Raises
    ------
    InputError
        If not.
    ComputationError
        If the disk is full.
    """
    files = files_of(page)
    refuse_files(files.page, files.results, files.figures)


def write_results(page: Path, study: Study, found: Results) -> ReportFiles:
    """Write the report and its tables, all of them or none.

    Raises
    ------
    InputError
        If a file exists or cannot be written, or the study is damaged.
    """
    refuse_existing_report(page)
    key = open_key(study)
    text = render_report(study, key, found)
    files = files_of(page)
    with new_files(files.results, files.figures, files.page) as (results, figures, part):
        results.write_text(answers_csv(found, key), encoding="utf-8", newline="")
        figures.write_text(figures_csv(found), encoding="utf-8", newline="")
        part.write_text(text, encoding="utf-8", newline="\n")
    return files


def render_report(study: Study, key: dict[str, Truths], found: Results) -> str:
    """The page of `write_results`."""
    templates = environment(TEMPLATES)
    templates.filters |= {"share": share, "kappa": kappa, "p": p_value, "number": number,
                            "percent": percent, "span": span}  # fmt: skip
    return templates.get_template("report.html.j2").render(
        study=study,
        found=found,
        verdict=verdict(found),
        plots=_plots(found, key),
        worst=_worst(study, found),
        questions=LIKERT_QUESTIONS,
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        version=SynthCore.__version__,
    )


def _plots(found: Results, key: dict[str, Truths]) -> list[Picture]:
    return [
        picture(
            roc_plot(found, key),
            "ROC curves of the readers and their mean",
            "ROC from the six-point confidence. The mean is taken over readers at equal "
            "specificity; the band is the 95% bootstrap interval over readers and cases.",
        ),
        picture(
            confidence_plot(found, key),
            "Bars: share of answers at each confidence, for real and synthetic images",
            "Confidence by truth. Left of the dotted line an image was called real.",
        ),
        picture(
            likert_plot(found, key),
            "Stacked bars: shares of the points of each Likert item for real and synthetic images",
            "Realism, anatomy and consistency of slices.",
        ),
        picture(
            times_plot(found, key),
            "Seconds a case for each reader, real and synthetic images",
            "Time a case: every case, the quartiles and the median.",
        ),
    ]


def _worst(study: Study, found: Results) -> Picture | None:
    mistaken = [one for one in found.items if one.wrong.hits][:MOST_SHOWN]
    if not mistaken:
        return None
    names = ", ".join(f"{one.truth.case} ({one.truth.truth})" for one in mistaken)
    return picture(
        worst_pictures(study, mistaken),
        f"The most mistaken images: {names}",
        "The images that most readers mistook, the most certain mistakes first; a ring marks what "
        "the table of the study calls the clue.",
    )
