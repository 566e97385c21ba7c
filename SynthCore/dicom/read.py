"""A DICOM series, or one DICOM file, to an `Image`.

Geometry is found and judged from the headers alone (`checks`, `frames`, `stack`); pixels are
decoded slice by slice afterwards. highdicom's volume reading is what the tests compare with; it
is not used itself because it accepts a tilt of two degrees, inverts MONOCHROME1, knows
no padding, and cannot say which file of a series is damaged.
"""

from __future__ import annotations

import filecmp
from pathlib import Path

from SynthCore.dicom.acquisition import kind_of
from SynthCore.dicom.checks import check_objects, check_planes
from SynthCore.dicom.choice import KINDS, choose_series
from SynthCore.dicom.copies import same_object
from SynthCore.dicom.frames import frames_of
from SynthCore.dicom.guard import guarded, quiet
from SynthCore.dicom.headers import Header
from SynthCore.dicom.lossy import loss_note
from SynthCore.dicom.pixels import AIR_HU, Volume, read_volume
from SynthCore.dicom.record_tags import synthetic_of
from SynthCore.dicom.rescale import check_bits, check_rescale
from SynthCore.dicom.roles import suggest_role
from SynthCore.dicom.scan import Instance, read_instance, scan
from SynthCore.dicom.series import series_of
from SynthCore.dicom.stack import build_stack, resample_to_even
from SynthCore.errors import InputError
from SynthCore.image import Image, Source, Synthetic
from SynthCore.tasks import unit_of

SYNTHETIC_NOTE = "The series is marked as synthetic (SyntheticData YES)."


@quiet()
def read_dicom(path: Path, *, modality: str | None = None, series: str | None = None) -> Image:
    """Read one series of a folder, or one DICOM file.

    Parameters
    ----------
    path : Path
        Folder (searched with its subfolders) or file.
    modality : str or None
        Role of the catalogue the image plays; suggested from the headers where None.
    series : str or None
        SeriesInstanceUID, or number as `list_series` counts.

    Returns
    -------
    Image
        k grows along row x column. ``source.headers`` holds one data set a slice in the order of k
        (a single one where the object is multi-frame), without pixels.

    Raises
    ------
    InputError
        With what is wrong, where, and what to do.
    """
    where = path.name or str(path)
    if path.is_dir():
        instances, notes = _of_folder(path, where, modality, series)
    else:
        instances, notes = (read_instance(path),), []
        if series is not None and series not in (instances[0].series_uid, "1"):
            raise InputError(f"{where} is not of the series {series}; give the folder instead.")
    return image_of(instances, where, path=path, modality=modality, notes=tuple(notes))


def image_of(
    instances: tuple[Instance, ...],
    where: str,
    *,
    path: Path,
    modality: str | None = None,
    notes: tuple[str, ...] = (),
) -> Image:
    """The volume made of all `instances`, which are of one series.

    Raises
    ------
    InputError
        As `read_dicom`.
    """
    check_objects(instances, where)
    check_bits(instances)
    instances, repeated = _without_copies(instances)
    frames = tuple(frame for instance in instances for frame in frames_of(instance))
    check_planes(frames, where)
    stack = build_stack(frames, where)
    kind = kind_of(instances[0].header)
    value_notes = check_rescale(stack.frames, kind)
    volume = read_volume(stack.frames, ct=kind == "CT")
    voxels = volume.voxels
    if stack.positions is not None:
        voxels = resample_to_even(voxels, stack.positions)
    first = instances[0].header
    role, role_notes = _role(first, kind, modality)
    if len(instances) == 1 and stack.frames[0].index is not None:
        uids: tuple[str, ...] = (instances[0].uid,)
        headers: tuple[Header, ...] = tuple(volume.headers.values())
    else:
        uids = tuple(frame.instance.uid for frame in stack.frames)
        headers = tuple(volume.headers[frame.instance.path] for frame in stack.frames)
    unit = unit_of(role) if role else "HU" if kind == "CT" else "1"
    marks = (synthetic_of(header) for header in headers)
    synthetic: Synthetic = next((mark for mark in marks if mark), "")
    return Image(
        voxels=voxels,
        affine=stack.affine,
        modality=role,
        unit=unit,
        source=Source("dicom", str(path), instances[0].series_uid, uids, headers),
        notes=(
            *notes,
            *repeated,
            *stack.notes,
            *role_notes,
            *_value_notes(volume, kind),
            *value_notes,
            *((SYNTHETIC_NOTE,) if synthetic else ()),
        ),
        synthetic=synthetic,
    )


def _of_folder(
    path: Path, where: str, modality: str | None, wanted: str | None
) -> tuple[tuple[Instance, ...], list[str]]:
    found = scan(path)
    series = series_of(found, where)
    if not series:
        raise InputError(f"{where} holds no DICOM file{_instead(found.others)}.")
    chosen, note = choose_series(series, where, modality, wanted)
    return chosen.instances, [note] if note else []


def _instead(others: tuple[Path, ...]) -> str:
    """What to do with a folder in which nothing is DICOM."""
    if not others:
        return "; it is empty, give the folder of an image series"
    volumes = [
        one for one in others if one.name.lower().endswith((".nii", ".nii.gz", ".nrrd", ".mha"))
    ]
    if volumes:
        return f"; to read {volumes[0].name}, give the file itself"
    zips = [one for one in others if one.suffix.lower() == ".zip"]
    if zips:
        return f"; unpack {zips[0].name} first"
    return f" ({others[0].name} is none); give the folder of an image series"


def _without_copies(
    instances: tuple[Instance, ...],
) -> tuple[tuple[Instance, ...], tuple[str, ...]]:
    """Drop files that hold the same object as another."""
    kept: dict[str, Instance] = {}
    for instance in instances:
        known = kept.get(instance.uid)
        if known is None or not instance.uid:
            kept[instance.uid or str(instance.path)] = instance
            continue
        with guarded(instance.path.name, "cannot be read; copy it again"):
            same = filecmp.cmp(known.path, instance.path, shallow=False) or same_object(
                known.path, instance.path
            )
        if not same:
            names = [f"{path.parent.name}/{path.name}" for path in (known.path, instance.path)]
            raise InputError(
                f"{names[0]} and {names[1]} are different objects with the same SOPInstanceUID; "
                "remove the wrong one."
            )
    dropped = len(instances) - len(kept)
    notes = (f"{dropped} files were copies of others and left out.",) if dropped else ()
    return tuple(kept.values()), notes


def _role(header: Header, kind: str, modality: str | None) -> tuple[str, tuple[str, ...]]:
    suggestion = suggest_role(header)
    if modality is None:
        if suggestion.role is None or suggestion.certain:
            return suggestion.role or "", ()
        return suggestion.role, (f"Taken as {suggestion.role}: {suggestion.reason}.",)
    if kind not in KINDS.get(modality, ("MR",)):
        shown = {"PT": "PET", "XA3D": "CBCT"}.get(kind, kind)
        return modality, (f"Read as {modality} as asked, but the headers say {shown}.",)
    if suggestion.role != modality:
        meant = suggestion.role or "no role"
        return modality, (
            f"Read as {modality} as asked; the headers suggest {meant}: {suggestion.reason}.",
        )
    return modality, ()


def _value_notes(volume: Volume, kind: str) -> tuple[str, ...]:
    notes = []
    if volume.padding:
        filled = f"{AIR_HU} HU" if kind == "CT" else "0"
        notes.append(f"{volume.padding} padding voxels (PixelPaddingValue) were set to {filled}.")
    if volume.kept_padding:
        notes.append(
            f"{volume.kept_padding} voxels equal PixelPaddingValue, a possible CT number here; "
            "they were left as they are."
        )
    notes += sorted({told for one in volume.headers.values() if (told := loss_note(one))})
    return tuple(notes)
