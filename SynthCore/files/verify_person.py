"""The file of a generated person against the images and the truth that it lists.

What is there and what is listed must be one, both must follow from the draws, and everything must
name these draws: the truth of one person beside the images of another is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.dicom.verify_object import SAME_IN_SERIES, ObjectFacts, pixels_sha256
from SynthCore.errors import SynthCoreError
from SynthCore.files.block import read_sidecar
from SynthCore.files.read import read
from SynthCore.staging import PREFIX
from SynthCore.words import listed

PERSON_NAME, TRUTH = "person.json", "truth"
"""Beside the images of a person, and the folder of what is known of them."""

_VOLUME, _MASK, _SEGMENTATION = ".nii.gz", "-label.nii.gz", ".dcm"
_LARGEST = 4 << 20
_LEAST_ML = 1e-3
"""Volumes in the file are rounded to a tenth of that."""

_SAME_STUDY = ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID")

Objects = Mapping[Path, Sequence[ObjectFacts]]


def against_person(path: Path, objects: Objects) -> tuple[str, ...]:
    """Sentences of what a person's file lists and is not so, and of what is there beside it.

    Draws are compared by the hash that the records of images and truth hold; these records are
    compared with voxels elsewhere.

    Parameters
    ----------
    path : Path
        ``person.json``.
    objects : mapping
        Folder to the DICOM objects in it.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError
        told = json.loads(path.read_text(encoding="utf-8"))
        draws = json.dumps(told["draws"], sort_keys=True)  # as the digest was made
        digest = hashlib.sha256(draws.encode("utf-8")).hexdigest()
        found = [
            *_of_images(told, digest, path.parent, objects),
            *_of_truth(told, digest, path.parent),
            *_of_lesions(told, path.parent / TRUTH),
            *_of_segmentation(told, path.parent, objects),
        ]
        return tuple(f"{name} {one}" for one in found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return (f"{name} is damaged, or no file of a generated person.",)


def _of_images(
    told: Mapping[str, Any], digest: str, folder: Path, objects: Objects
) -> Iterator[str]:
    roles = [str(image["role"]) for image in told["images"]]
    drawn = roles_of(told["draws"])
    if roles != drawn:
        yield f"lists the images {', '.join(roles) or 'none'}, and holds draws of {listed(drawn)}."
    there = {place.name for place in objects if place.parent == folder and place.name != TRUTH}
    there |= {path.name.removesuffix(_VOLUME) for path in folder.glob(f"*{_VOLUME}")}
    for other in sorted(there - {*roles}):
        yield f"does not list the image {other}, which is there."
    for image in told["images"]:
        role, record = image["role"], _record(folder, str(image["role"]), objects)
        if record is None:
            yield f"lists the image {role}, which is not there with its record."
            continue
        if _draws_in(record) != digest:
            yield f"holds other draws than the record of {role} names."
        if record.get("output", {}).get("sha256") != image["sha256"]:
            yield f"holds another hash of {role} than its record."


def _of_truth(told: Mapping[str, Any], digest: str, folder: Path) -> Iterator[str]:
    truth = {str(one["name"]): str(one["sha256"]) for one in told["truth"]}
    needed = ["tissues-label.nii.gz", "tissues.txt"]
    if told["lesions"]:
        needed.append(f"lesion{_MASK}")
        if not any(folder.glob(f"*{_VOLUME}")):  # beside DICOM images
            needed.append(f"lesions-segmentation{_SEGMENTATION}")
    for file in needed:
        if file not in truth:
            yield f"does not list {TRUTH}/{file}."
    known = {*truth, *(f"{name.removesuffix(_VOLUME)}.json" for name in truth)}
    for other in sorted(_files_of(folder / TRUTH) - known):
        yield f"does not list {TRUTH}/{other}, which is there."
    for file, expected in truth.items():
        place = folder / TRUTH / Path(file).name
        if not place.is_file():
            yield f"lists {TRUTH}/{file}, which is not there."
            continue
        if not _is_as_listed(place, expected):
            yield f"holds another hash of {TRUTH}/{file} than it has."
        if file.endswith(_VOLUME) and _draws_in(_beside(place)) != digest:
            yield f"holds other draws than the record of {TRUTH}/{file} names."


def _of_lesions(told: Mapping[str, Any], truth: Path) -> Iterator[str]:
    kinds = [str(lesion["kind"]) for lesion in told["lesions"]]
    files = {str(one["name"]) for one in told["truth"]}
    masks = {name.removesuffix(_MASK) for name in files if name.endswith(_MASK)}
    for other in sorted(masks - {"tissues", "lesion", *(kind.replace(" ", "-") for kind in kinds)}):
        yield f"lists {TRUTH}/{other}{_MASK} without its lesion."
    total = 0.0
    for lesion in told["lesions"]:
        kind, ml = str(lesion["kind"]), float(lesion["ml"])
        file, total = f"{kind.replace(' ', '-')}{_MASK}", total + ml
        if file not in files:
            yield f"lists the lesion {kind} without its mask."
        elif _is_other(truth / file, ml, 1):
            yield f"holds another volume of {kind} than {TRUTH}/{file} has."
    if kinds and _is_other(truth / f"lesion{_MASK}", total, len(kinds)):
        yield f"holds another volume of all lesions than {TRUTH}/lesion{_MASK} has."
    yield from _against_drawn(told)


def _against_drawn(told: Mapping[str, Any]) -> Iterator[str]:
    """Kinds and ages that do not follow from the draws; those of other versions are not judged."""
    from SynthCore.physics.generator import VERSION
    from SynthCore.physics.generator.lesions import Lesion, stages_of
    from SynthCore.physics.generator.record import from_json

    if told["draws"]["generator"] != VERSION:
        return
    try:
        drawn = [from_json(Lesion, json.dumps(one)) for one in told["draws"]["person"]["lesions"]]
    except SynthCoreError as error:
        raise ValueError from error
    marked = {zone.marks for lesion in drawn for zone in lesion.zones}
    for lesion in told["lesions"]:
        kind = str(lesion["kind"])
        if kind not in marked:
            yield f"lists the lesion {kind}, which was not drawn."
        elif tuple(lesion["stages"]) != (ages := stages_of(drawn, kind)):
            yield f"holds another age of {kind} than was drawn ({', '.join(ages) or 'none'})."
    # between thick slices a small one may be missed, and is no part of the truth then
    if drawn and not told["lesions"] and told["draws"]["grid"]["every"] == 1:
        yield f"lists no lesion, and holds draws of {listed(sorted(marked))}."


def _of_segmentation(told: Mapping[str, Any], folder: Path, objects: Objects) -> Iterator[str]:
    """A Segmentation lies on images of this person, in their study."""
    images = [
        facts
        for role in roles_of(told["draws"])
        for facts in objects.get(folder / role, ())
        if not facts.companion
    ]
    uids = {facts.uid for facts in images}
    there = {_study(facts) for facts in images}
    for facts in objects.get(folder / TRUTH, ()):
        file = f"{TRUTH}/{Path(facts.name).name}"
        if not facts.findings and not (facts.marks and uids.issuperset(facts.marks)):
            yield f"lists {file}, which lies on images of someone else."
        elif not facts.findings and _study(facts) not in there:
            yield f"lists {file}, which is of another study."


def roles_of(draws: Mapping[str, Any]) -> list[str]:
    """Roles of the images that were drawn, in the order they are written."""
    roles = [str(scan["role"]) for scan in draws["scans"]]
    if draws["ct"] is not None:
        roles.insert(int(draws["ct_last"]), "CT")
    return roles


def _study(facts: ObjectFacts) -> tuple[str, ...]:
    values = dict(zip(SAME_IN_SERIES, facts.same, strict=False))
    return tuple(values.get(keyword, "") for keyword in _SAME_STUDY)


def _record(folder: Path, role: str, objects: Objects) -> Mapping[str, Any] | None:
    """Of an image in either format."""
    facts = objects.get(folder / role, ())
    text = next((one.record_json for one in facts if not one.companion), "")
    if not text:
        return _beside(folder / f"{role}{_VOLUME}")
    found: Any = json.loads(text)
    return found if isinstance(found, dict) else None


def _beside(volume: Path) -> Mapping[str, Any] | None:
    """The record beside a volume that is there."""
    found = (read_sidecar(volume) or {}).get("Record") if volume.is_file() else None
    return found if isinstance(found, dict) else None


def _draws_in(record: Mapping[str, Any] | None) -> Any:
    return (record or {}).get("options", {}).get("draws_sha256")


def _files_of(folder: Path) -> set[str]:
    """Of what lies in the truth; systems hide files of their own where a folder is looked at."""
    own = (".", PREFIX, "Thumbs.db", "desktop.ini")
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if not path.parts[0].startswith(own)}


def _is_as_listed(path: Path, expected: str) -> bool:
    """By the record of a label map, which is compared with its voxels elsewhere; else by bytes.

    Of a Segmentation by those of its pixel data: where it lies is compared elsewhere. Earlier
    versions kept no hash of it.
    """
    if path.name.endswith(_VOLUME):
        output = (_beside(path) or {}).get("output")
        return isinstance(output, dict) and output.get("sha256") == expected
    if path.name.endswith(_SEGMENTATION):
        return not expected or pixels_sha256(path) == expected
    return hashlib.sha256(path.read_bytes()).hexdigest() == expected


def _is_other(path: Path, ml: float, rounded: int) -> bool:
    """Whether a mask that can be read is of another volume than the sum of rounded ones."""
    try:
        mask = read(path)
    except SynthCoreError:
        return False  # told of the file itself
    voxel = float(np.prod(mask.spacing)) / 1000
    return abs(float(np.count_nonzero(mask.voxels)) * voxel - ml) > _LEAST_ML * rounded
