"""``synthcore teach``: teaching cases as a page for a class and as a DICOM teaching file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.errors import InputError
from SynthCore.request import Progress, part_of

PAGE = "class-page.html"
FILE = "teaching-file"


def teach(
    cases: Annotated[
        list[Path], typer.Argument(help="Case files (TOML or JSON); several make a quiz.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; nothing is overwritten.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Only write a commented case file to fill in.")
    ] = False,
    html: Annotated[
        bool, typer.Option("--html", help=f"Make the class page, {PAGE}; the default.")
    ] = False,
    dicom: Annotated[
        bool,
        typer.Option(
            "--dicom",
            help="Make a DICOM teaching file of each case: de-identified images, mask, key "
            "images, words and the manifest for teaching file export.",
        ),
    ] = False,
    pseudonym: Annotated[
        str, typer.Option(help="With --dicom, instead of the patient's name and ID.")
    ] = "TEACHING",
    faces: Annotated[
        str, typer.Option(help="blur or remove: the face in MR and CT of the head, everywhere.")
    ] = "keep",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a class page of teaching cases, one file that needs no server and no network."""
    if new:
        _new(cases, as_json)
        return
    if out is None:
        raise InputError("Say with --out in which folder the class page is to be made.")
    from SynthCore.staging import refuse_existing, staged
    from SynthCore.teaching.case_file import read_case
    from SynthCore.teaching.page import write_page
    from SynthCore.teaching.study import read_study

    if faces not in ("keep", "blur", "remove"):
        raise InputError(f"Faces are kept, blurred or removed, not {faces!r}.")
    html = html or not dicom
    folders = [FILE] if len(cases) == 1 else [f"{FILE}-{n}" for n in range(1, len(cases) + 1)]
    refuse_existing(out, ((PAGE,) if html else ()) + (tuple(folders) if dicom else ()))
    read = [read_case(path) for path in cases]
    made: dict[str, Any] = {"cases": len(read)}
    with progress_bar("teaching case") as progress, staged(out) as stage:
        studies = []
        for number, case in enumerate(read):
            progress(0.4 * number / len(read), "reading")
            studies.append(read_study(case))
        shown, notes = _faces(studies, faces) if html else (studies, [])
        made["synthetic"] = any(study.synthetic for study in studies)
        if html:
            page = write_page(
                stage / PAGE, shown, progress=part_of(progress, 0.4, 0.7 if dicom else 1.0)
            )
            made |= {"page": str(out / PAGE), "bytes": page.stat().st_size, "notes": notes}
        if dicom:
            made["dicom"] = _teaching_files(stage, folders, studies, pseudonym, faces, progress)
    if as_json:
        print_json(made)
        return
    if html:
        say(f"{made['page']}: {len(read)} case{'s' if len(read) > 1 else ''}, "
            f"{made['bytes'] / 1e6:.1f} MB")  # fmt: skip
        for line in notes:
            say(line)
    for one in made.get("dicom", ()):
        say(f"{out / one['folder']}: {one['images']} images, {', '.join(one['objects'])}")
        for line in one["notes"]:
            say(line)
    note(f"Anyone who has it sees the images: show it where you may. {NOT_CLEARED}")


def _faces(studies: list[Any], faces: str) -> tuple[list[Any], list[str]]:
    if faces == "keep":
        return studies, []
    from SynthCore.teaching.faces import How, without_faces

    how: How = "blur" if faces == "blur" else "remove"
    done = [without_faces(study, how) for study in studies]
    return [study for study, _ in done], [note for _, notes in done for note in notes]


def _teaching_files(
    stage: Path, folders: list[str], studies: list[Any], pseudonym: str, faces: str,
    progress: Progress,
) -> list[dict[str, Any]]:  # fmt: skip
    from SynthCore.dicom.deidentify import DeidentifyOptions
    from SynthCore.teaching.dicom_file import write_teaching_file

    made = []
    for number, (name, study) in enumerate(zip(folders, studies, strict=True)):
        done = write_teaching_file(
            stage / name,
            study,
            pseudonym=pseudonym if len(studies) == 1 else f"{pseudonym}-{number + 1}",
            options=DeidentifyOptions(faces=faces),  # type: ignore[arg-type]  # checked there
            progress=part_of(
                progress,
                0.7 + 0.3 * number / len(studies),
                0.7 + 0.3 * (number + 1) / len(studies),
            ),
        )
        made.append(
            {
                "folder": name,
                "images": done.images,
                "objects": list(done.objects),
                "notes": list(done.notes),
            }
        )
    return made


def _new(cases: list[Path], as_json: bool) -> None:
    from SynthCore.teaching.example import write_example

    if len(cases) != 1:
        raise InputError("Name one file to write with --new, such as case.toml.")
    path = write_example(cases[0])
    if as_json:
        print_json({"case": str(path)})
    else:
        say(f"{path}: fill it in, then run synthcore teach {path} --out FOLDER")
