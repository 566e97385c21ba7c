"""The files of one subject: written whole under a temporary name, or not at all."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from SynthCore import __version__
from SynthCore.augment.bids import (
    DERIVATIVES,
    image_name,
    instances_name,
    lesions_name,
    mask_name,
)
from SynthCore.augment.draw import SubjectPlan
from SynthCore.augment.make import Lesions
from SynthCore.augment.manifest import Finished
from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, summary
from SynthCore.lesions.results import MODEL
from SynthCore.request import SynthesisRecord
from SynthCore.staging import new_folder
from SynthCore.tasks import LESION_TASK


def write_subject(
    out: Path, plan: SubjectPlan, made: Lesions, sources: dict[str, Image], seed: int
) -> Finished:
    """Write images, masks and facts of a subject.

    The masks take their names first and the images last: where ``sub-XXXX`` is there, all of it
    is.

    Parameters
    ----------
    out : Path
        The data set.
    made : Lesions
        What was placed.
    sources : dict
        The study's images by role, for the records.
    seed : int
        Of the table.
    """
    masks, images = out / DERIVATIVES / plan.name, out / plan.name
    if masks.exists() and not images.exists():
        shutil.rmtree(masks)  # of a run that was ended between the two
    finished = Finished(plan, made.facts, made.refused, made.known_ml)
    with new_folder(images) as stage:
        _fill(stage / "anat", lambda folder: _write_images(folder, plan, made, sources, seed))
        try:
            with new_folder(masks) as mask_stage:
                _fill(
                    mask_stage / "anat",
                    lambda folder: _write_masks(folder, plan, made, sources, seed),
                )
                facts = {
                    "subject": plan.to_dict(),
                    "lesions": list(made.facts),
                    "refused": list(made.refused),
                    "known_ml": round(finished.known_ml, 6),
                }
                (mask_stage / "anat" / lesions_name(plan.name)).write_text(
                    json.dumps(facts, indent=1) + "\n", encoding="utf-8"
                )
        except BaseException:
            shutil.rmtree(masks, ignore_errors=True)
            raise
    return finished


def finished_subject(out: Path, plan: SubjectPlan) -> Finished | None:
    """What is known of a subject that is there already, None where it is not.

    Raises
    ------
    InputError
        If its facts cannot be read or are of another plan.
    """
    if not (out / plan.name).is_dir():
        return None
    path = out / DERIVATIVES / plan.name / "anat" / lesions_name(plan.name)
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        same = facts["subject"] == json.loads(json.dumps(plan.to_dict()))
        found = Finished(plan, tuple(facts["lesions"]), tuple(facts["refused"]), facts["known_ml"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The masks of {plan.name} are not whole; remove its folders and run again."
        ) from error
    if not same:
        raise InputError(f"The subject {plan.name} is of another table; name a new folder.")
    return found


def _fill(folder: Path, write: Callable[[Path], None]) -> None:
    folder.mkdir(parents=True)
    write(folder)


def _write_images(
    folder: Path, plan: SubjectPlan, made: Lesions, sources: dict[str, Image], seed: int
) -> None:
    record = _record(plan, made, sources, seed)
    for role, image in made.images.items():
        _write(folder / image_name(plan.name, role), image, record, role)


def _write_masks(
    folder: Path, plan: SubjectPlan, made: Lesions, sources: dict[str, Image], seed: int
) -> None:
    record = _record(plan, made, sources, seed)
    _write(folder / mask_name(plan.name), made.mask, record, "mask")
    _write(folder / instances_name(plan.name), made.instances, record, "mask")


def _write(path: Path, image: Image, record: SynthesisRecord, target: str) -> None:
    own = replace(record, target=target, output=_unnamed(image))
    write_nifti(image, path, record_json=own.to_json())


def _record(
    plan: SubjectPlan, made: Lesions, sources: dict[str, Image], seed: int
) -> SynthesisRecord:
    """What all files of the subject share."""
    software = {"SynthCore": __version__, "python": platform.python_version()}
    software |= {package: version(package) for package in ("numpy", "scipy")}
    return SynthesisRecord(
        task=LESION_TASK,
        target="",
        model=MODEL,
        model_version=__version__,
        weights_sha256="",
        inputs={role: _unnamed(image) for role, image in sources.items()},
        mask=_unnamed(made.mask),
        options={"seed": seed, "subject": plan.name, "row": plan.row,
                 "wishes": [facts["wish"] for facts in made.facts]},
        device="cpu",
        backend="numpy",
        software=software,
        checks=(),
        warnings=tuple(dict.fromkeys(w for facts in made.facts for w in facts["warnings"])),
        output={},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def _unnamed(image: Image) -> dict[str, Any]:
    """Its summary without the series: a data set that is handed on leads to no patient."""
    return {**summary(image), "series_instance_uid": ""}


def json_of(path: Path, default: Any) -> Any:
    """The JSON of a small file of this folder, `default` where it is not there.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if not path.exists():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name} of the folder is damaged; name a new folder.") from error
