"""``synthcore readers``: a blinded study of real and synthetic images, from table to report."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Annotated, get_args

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say, table
from SynthCore.errors import InputError

app = typer.Typer(help="Can readers tell synthetic images from real ones?", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
StudyFolder = Annotated[Path, typer.Argument(help="The folder that readers design wrote.")]
Teach = Annotated[
    bool, typer.Option("--teach", help="Tell the truth and the clue after each answer.")
]


@app.command("design")
def design(
    images: Annotated[
        Path,
        typer.Argument(
            help="CSV: image, truth (real or synthetic), case, role; and window, center, clue, "
            "clue_point where wanted."
        ),
    ],
    out: Annotated[Path, typer.Option(help="A new folder for the study.")],
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the order; drawn by default and kept in the key.")
    ] = None,
    title: Annotated[str, typer.Option(help="Shown to readers.")] = "Reader study",
    plane: Annotated[str, typer.Option(help="axial, coronal or sagittal.")] = "axial",
    slices: Annotated[int, typer.Option(help="At most so many of each image.")] = 21,
    slice_mm: Annotated[
        float | None, typer.Option(help="Between slices; the coarsest image's by default.")
    ] = None,
    pixel_mm: Annotated[
        float | None, typer.Option(help="Of a pixel; the coarsest image's by default.")
    ] = None,
    field_mm: Annotated[
        float | None, typer.Option(help="Width and height shown; the smallest image's by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a blinded study of a table of images."""
    from SynthCore.quality.orientation import PlaneName
    from SynthCore.readers.make import Options, make_study

    if plane not in get_args(PlaneName):
        raise InputError(f"The plane {plane[:40]!r} must be axial, coronal or sagittal.")
    if not title.strip() or len(title) > 80:
        raise InputError("Give a --title of 1 to 80 characters.")
    chosen: PlaneName = plane  # type: ignore[assignment]
    options = Options(seed, title.strip(), chosen, slices, slice_mm, pixel_mm, field_mm)
    with progress_bar("Study") as bar:
        study, concerns = make_study(images, out, options, bar)
    if as_json:
        print_json({"study": study.id, "folder": str(out), "items": len(study.items),
                    "pixels": list(study.pixels), "concerns": list(concerns)})  # fmt: skip
        return
    say(f"Wrote the study {study.id} to {out}: {len(study.items)} items of {study.pixels[0]} "
        f"slices, {study.pixels[2]} x {study.pixels[1]} pixels.")  # fmt: skip
    for concern in concerns:
        note(f"Note: {concern}")
    say("Keep key.json from readers until they have finished.")


@app.command("serve")
def serve(
    study: StudyFolder,
    reader: Annotated[str, typer.Option(help="Who reads: a label, such as reader-1.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for a free one.")] = 0,
    host: Annotated[str, typer.Option(help="127.0.0.1; no other is accepted.")] = "127.0.0.1",
    teach: Teach = False,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Serve a study to one reader on this computer, until Ctrl+C."""
    from SynthCore.readers.server import open_server
    from SynthCore.readers.study import open_key, open_study

    opened = open_study(study)
    server = open_server(
        opened, reader, key=open_key(opened) if teach else None, host=host, port=port
    )
    with server:
        done = len(server.log.answered())
        if as_json:
            print_json({"address": server.address, "answers": str(server.log.path),
                        "answered": done, "items": len(server.log.items)})  # fmt: skip
        else:
            say(f"{server.address}")
            say(f"{done} of {len(server.log.items)} items are answered; answers go to "
                f"{server.log.path}. End with Ctrl+C; the same command goes on.")  # fmt: skip
        sys.stdout.flush()  # whoever started it through a pipe needs the address now
        if open_browser:
            webbrowser.open(server.address)
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            note(f"Stopped: {len(server.log.answered())} of {len(server.log.items)} answered.")


@app.command("page")
def page(
    study: StudyFolder,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    teach: Teach = False,
    as_json: Json = False,
) -> None:
    """Write a study as one HTML page; without --teach it does not hold the truth."""
    from SynthCore.readers.page import items_of, write_page
    from SynthCore.readers.study import open_key, open_study

    opened = open_study(study)
    key = open_key(opened) if teach else None
    write_page(out, opened, key=key)
    if as_json:
        print_json({"page": str(out), "items": len(items_of(opened, key)), "teach": teach})
        return
    say(f"Wrote {out}: {len(items_of(opened, key))} items.")
    if teach:
        note("Note: a teaching page holds the truth, covered, but for anyone who looks for it.")


@app.command("report")
def report(
    study: StudyFolder,
    answers: Annotated[
        list[Path] | None,
        typer.Argument(help="Answer files of readers; those in the study where none is given."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The HTML report; tables are written beside it.")
    ] = None,
    margin: Annotated[
        float, typer.Option(help="Accuracy within 0.5 plus or minus this counts as guessing.")
    ] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: Json = False,
) -> None:
    """Hold answers against the truth: figures, plots, tables."""
    from SynthCore.readers.answer_files import has_answers, read_answers
    from SynthCore.readers.export import as_data
    from SynthCore.readers.report import refuse_existing_report, write_results
    from SynthCore.readers.results import judge
    from SynthCore.readers.study import ANSWERS, open_key, open_study
    from SynthCore.readers.words import number, share, verdict

    opened = open_study(study)
    key = open_key(opened)
    paths = answers or sorted(
        path
        for path in (study / ANSWERS).glob("*.jsonl")
        if not path.stem.endswith(".teach") and has_answers(path)
    )
    if not paths:
        raise InputError("Nobody has answered yet: name the files of answers after the study.")
    if out is not None:
        refuse_existing_report(out)
    found = judge(key, [read_answers(path, opened) for path in paths], margin=margin, seed=seed)
    if out is not None:
        write_results(out, opened, found)
    if as_json:
        print_json(as_data(opened, found))
        return
    table(
        f"Readers: {len(found.readers)}, images: {found.images}",
        ["Reader", "Answers", "Accuracy", "Sensitivity", "Specificity", "AUC"],
        [
            [r.name, str(r.accuracy.count), share(r.accuracy), share(r.sensitivity),
             share(r.specificity), number(r.auc)] for r in found.readers
        ],
    )  # fmt: skip
    for line in verdict(found):
        say(line)
    if out is not None:
        say(f"Wrote {out}.")
    say(NOT_CLEARED)
