"""``synthcore generate``: people who never existed, scanned by simulation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.run import Format
from SynthCore.cli.stoppable import stoppable
from SynthCore.errors import InputError

if TYPE_CHECKING:
    from SynthCore.people.person_file import PersonFile


def generate(
    out: Annotated[
        Path, typer.Option(help="Folder for the people; an interrupted one is gone on with.")
    ],
    count: Annotated[int | None, typer.Option(help="How many people; default: 1.")] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="A label map of a whole head in SynthSeg's numbers, or a folder of them, which "
            "people take in turn; default: a digital phantom for each."
        ),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(help="Of T1, T1c, T2, FLAIR, PD, DIR, CT; default: T1,T2,FLAIR,CT."),
    ] = None,
    lesion: Annotated[
        list[str] | None,
        typer.Option(
            help="infiltrating-tumor, enhancing-tumor, plaque, acute-infarct, chronic-infarct, "
            "hemorrhage (of any age; of one: hyperacute-hemorrhage, acute-hemorrhage, "
            "subacute-hemorrhage, chronic-hemorrhage), none or random (the default); repeated: "
            "people take them in turn."
        ),
    ] = None,
    spacing: Annotated[
        float | None, typer.Option(help="Side of a pixel in mm; default: 1.")
    ] = None,
    slices_mm: Annotated[
        float | None,
        typer.Option(
            help="Distance of slices in mm, of which every image is acquired; default: as pixels, "
            "each image by slices of its own, brought onto the grid."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, other people.")] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="Of the images; the truth is NIfTI.")
    ] = Format.dicom,
    replay: Annotated[
        Path | None,
        typer.Option(help="The person.json of a person: make the same voxels again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make people who never existed: MR and CT of whole heads, lesions, and the truth.

    By physics alone, without any learned model: see docs/generator.md.
    """
    from SynthCore.people.generate import again
    from SynthCore.people.generate import generate as make
    from SynthCore.people.wish import USUAL, Wish, parse_images, parse_lesions

    output: Literal["dicom", "nifti"] = "nifti" if output_format is Format.nifti else "dicom"
    if replay is not None:
        if any(given is not None for given in (count, images, lesion, spacing, slices_mm, seed)):
            raise InputError(
                "What --replay makes is drawn already: give only --out, --labels and --format "
                "with it."
            )
        with progress_bar("generate") as progress, stoppable() as cancelled:
            found = again(
                replay, out, labels=labels, output=output, progress=progress, cancelled=cancelled
            )
        if found.differ:
            note(
                f"Warning: the voxels of {', '.join(found.differ)} are not those of before: other "
                "versions of the software, or another processor, round otherwise."
            )
        _tell(out, (found.person,), int(found.new), as_json, same=not found.differ)
        return
    wish = Wish(
        parse_images(images) if images is not None else USUAL,
        parse_lesions(lesion or ()),
        1.0 if spacing is None else spacing,
        slices_mm,
        seed or 0,
        output,
    )
    with progress_bar("generate") as progress, stoppable() as cancelled:
        made = make(
            wish,
            out,
            count=1 if count is None else count,
            labels=labels,
            progress=progress,
            cancelled=cancelled,
        )
    _tell(out, made.people, made.new, as_json)


def _tell(out: Path, people: tuple[PersonFile, ...], new: int, as_json: bool, **more: Any) -> None:
    if as_json:
        listed = [
            {
                "id": one.id,
                "folder": str(out / one.id),
                "field_t": one.draws.person.field_t,
                "images": list(one.draws.images),
                "lesion_stages": {f.kind: list(f.stages) for f in one.lesions if f.stages},
                "lesions_ml": {found.kind: found.ml for found in one.lesions},
            }
            for one in people
        ]
        print_json({"out": str(out), "new": new, "people": listed, **more})
        return
    for one in people:
        lesions = ", ".join(map(str, one.lesions))
        say(f"{one.id}: {', '.join(one.draws.images)}; {lesions or 'no lesion'}")
    if more.get("same"):
        say("The same voxels as before.")
    say(f"Look at them:  {out / 'people.html'}\nTable:         {out / 'people.csv'}")
    say(f"SYNTHETIC: none of these people exists. {NOT_CLEARED}")
