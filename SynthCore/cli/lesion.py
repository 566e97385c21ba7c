"""``synthcore lesion``: place a lesion that was never there, in all sequences, or let it grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, note, print_json, progress_bar, say
from SynthCore.cli.inputs import parse_inputs
from SynthCore.cli.run import Format
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.one_run.inputs import read_inputs, refuse_within
from SynthCore.tasks import LESION_TASK, placed_before


def lesion(
    inputs: Annotated[
        list[str],
        typer.Option(
            "--input",
            help="ROLE=PATH; repeat for each image of the patient. The mask has the first one's "
            "grid.",
        ),
    ],
    kind: Annotated[str, typer.Option(help="Such as glioma, metastasis or ms-plaques.")],
    out: Annotated[
        Path, typer.Option(help="Folder for the results; nothing in it is overwritten.")
    ],
    volume: Annotated[
        float | None,
        typer.Option(help="Volume in ml, without edema; for plaques, of all together."),
    ] = None,
    at: Annotated[str | None, typer.Option(help="Center X,Y,Z in mm, LPS.")] = None,
    site: Annotated[
        str | None, typer.Option(help="Where it may lie, such as periventricular.")
    ] = None,
    side: Annotated[
        str | None, typer.Option(help="The patient's left or right; lesions of the brain only.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            help="frontal, temporal, parietal, occipital, deep or cerebellum, by proportions."
        ),
    ] = None,
    contrast: Annotated[float, typer.Option(help="Contrast, 0.1 to 3; 1 is as published.")] = 1.0,
    texture: Annotated[float, typer.Option(help="Texture, 0 to 3; 1 is as published.")] = 1.0,
    mass_effect: Annotated[
        float, typer.Option(help="Mass effect, 0 to 3; 1 is usual for its kind.")
    ] = 1.0,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of the random shape, texture and place.")
    ] = 0,
    blend: Annotated[
        bool,
        typer.Option(
            help="Blend the border with a learned model; docs/lesions.md has the figures."
        ),
    ] = False,
    organ: Annotated[
        Path | None, typer.Option(help="Mask of the organ, where the rules do not find it.")
    ] = None,
    dates: Annotated[
        str | None, typer.Option(help="For growth: dates YYYY-MM-DD, separated by commas.")
    ] = None,
    volumes: Annotated[
        str | None, typer.Option(help="For growth: a volume in ml for each date.")
    ] = None,
    doubling: Annotated[
        float | None, typer.Option(help="For growth: days in which the volume doubles.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the images.")
    ] = Format.dicom,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Place a lesion, with its mask, parts and report; exit code 3 where there is no room for it.

    With --dates the same lesion is placed as it is at each date, every date as a study of its own.
    """
    from pydicom.uid import generate_uid

    from SynthCore.cli.lesion_files import names, write_placed
    from SynthCore.dicom.marks import PREFIX
    from SynthCore.dicom.series_plan import NewStudy
    from SynthCore.files.mask import read_mask
    from SynthCore.lesions.grow import grow
    from SynthCore.lesions.place import place
    from SynthCore.lesions.sites import place_of
    from SynthCore.lesions.wish import LesionWish
    from SynthCore.request import part_of
    from SynthCore.staging import refuse_existing, staged

    days = [_date(text) for text in (dates or "").split(",") if text.strip()]
    sizes = _numbers(volumes, "--volumes")
    _check_sizes(volume, sizes, days, doubling)
    wish = LesionWish(
        kind, sizes[0] if volume is None else volume, _point(at), site,
        contrast, texture, mass_effect, seed, side, region,
    )  # fmt: skip
    paths = parse_inputs(inputs)
    refuse_within(out, paths)
    refuse_existing(out, tuple(d.isoformat() for d in days) or names(tuple(paths)))
    with progress_bar("lesion") as progress:
        progress(0.0, "read")
        images = {role: _told(role, image) for role, image in read_inputs(paths).items()}
        first = next(iter(images.values()))
        mask = None if organ is None else read_mask(organ, first)
        tell = part_of(progress, 0.0, 0.6)
        if days:
            made = [
                (d.isoformat(), placed)
                for d, placed in grow(
                    images,
                    wish,
                    days,
                    sizes,
                    doubling_days=doubling,
                    organ=mask,
                    blend=blend,
                    progress=tell,
                )
            ]
        else:
            made = [("", place(images, wish, organ=mask, blend=blend, progress=tell))]
        frame, patient = generate_uid(), f"{PREFIX}-{first.sha256()[:12]}"
        from_dicom = all(image.source.headers for image in images.values())
        data: dict[str, Any] = {"kind": kind, "lesions": [], "warnings": []}
        with staged(out) as stage:
            for n, (name, placed) in enumerate(made):
                low, high = (0.6 + 0.4 * m / len(made) for m in (n, n + 1))
                part = part_of(progress, low, high)
                study = NewStudy(generate_uid(), name.replace("-", ""), frame, patient)
                (stage / name).mkdir(exist_ok=True)
                files = write_placed(
                    placed, images, stage / name, output_format.value,
                    None if from_dicom and not name else study,
                    part,
                )  # fmt: skip
                data["lesions"].append(
                    {
                        "date": name,
                        "folder": str(out / name),
                        "images": files.images,
                        "objects": list(files.objects),
                        "volume_ml": placed.volume_ml,
                        "places": placed.places,
                        "place": place_of(wish),
                        "center_lps": list(placed.center_lps),
                        "parts_ml": placed.facts["parts_ml"],
                    }
                )
                told = (*data["warnings"], *placed.warnings, *files.warnings)
                data["warnings"] = list(dict.fromkeys(told))
    if as_json:
        print_json(data)
        return
    for warning in data["warnings"]:
        note(f"Warning: {warning}")
    for one in data["lesions"]:
        x, y, z = one["center_lps"]
        say(
            f"{one['date'] + ': ' if one['date'] else ''}{kind} of {one['volume_ml']:.3g} ml"
            f"{' in the ' + one['place'] if one['place'] else ''}"
            f"{' in ' + str(one['places']) + ' places about' if one['places'] > 1 else ' at'} "
            f"{x:.0f}, {y:.0f}, {z:.0f} (LPS mm): {one['folder']}"
        )
    say(NOT_CLEARED)


def _check_sizes(
    volume: float | None, sizes: Sequence[float], days: Sequence[date], doubling: float | None
) -> None:
    """Refuse options that do not say how large the lesion is, or say it twice."""
    if volume is None and not sizes:
        raise InputError("Say how large the lesion is: add --volume ML.")
    if not days and (sizes or doubling is not None):
        raise InputError("Growth needs dates: add --dates YYYY-MM-DD,YYYY-MM-DD.")
    if sizes and doubling is not None:
        raise InputError("A volume for each date or a doubling time: leave out --volumes or "
                         "--doubling.")  # fmt: skip
    if days and not sizes and doubling is None:
        raise InputError("Say how it grows: add --doubling DAYS, or --volumes ML,ML in place of "
                         "--volume.")  # fmt: skip
    if sizes and volume is not None:
        raise InputError("With a volume for each date, leave out --volume.")


def _told(role: str, image: Image) -> Image:
    """The image, with a note where a lesion was placed in it before."""
    from SynthCore.files.made_by import made_by

    if made_by(image).task != LESION_TASK:
        return image
    return replace(image, notes=(*image.notes, placed_before(role)))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text.strip()!r} is not a date; write it as YYYY-MM-DD.") from error


def _numbers(text: str | None, option: str) -> tuple[float, ...]:
    try:
        return tuple(float(one) for one in (text or "").split(",") if one.strip())
    except ValueError as error:
        raise InputError(f"{option} takes numbers with commas between.") from error


def _point(text: str | None) -> tuple[float, float, float] | None:
    if text is None:
        return None
    found = _numbers(text, "--at")
    if len(found) != 3:
        raise InputError("--at takes three numbers X,Y,Z in mm, LPS.")
    return found[0], found[1], found[2]
