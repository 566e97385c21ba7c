"""The series of a case, de-identified together and read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset

from SynthCore.axes import in_order_of
from SynthCore.dicom.deidentify import Deidentified, DeidentifyOptions, deidentify
from SynthCore.dicom.series import list_series
from SynthCore.dicom.source_slices import SourceSlice, match_slices, unique_headers
from SynthCore.errors import ComputationError, InputError
from SynthCore.files.read import read, split_series
from SynthCore.image import Image
from SynthCore.request import Progress
from SynthCore.teaching.study import Study


@dataclass(frozen=True)
class CleanSeries:
    """A series of the case without what tells who the patient is.

    Attributes
    ----------
    image : Image
        Read from the de-identified objects: the same voxels on the same grid.
    slices : tuple of SourceSlice
        The object of each slice k.
    """

    image: Image
    slices: tuple[SourceSlice, ...]

    @property
    def headers(self) -> tuple[Dataset, ...]:
        """Of every object, each once."""
        return unique_headers(self.image)


@dataclass(frozen=True)
class CleanStudy:
    """The series of a case by their names, those of the other states, and the findings."""

    series: dict[str, CleanSeries]
    others: tuple[CleanSeries, ...]
    deidentified: Deidentified

    @property
    def headers(self) -> list[Dataset]:
        """Of every object of every series, each once."""
        found = {
            str(header.SOPInstanceUID): header
            for one in (*self.series.values(), *self.others)
            for header in one.headers
        }
        return list(found.values())


def clean_study(
    study: Study,
    folder: Path,
    *,
    pseudonym: str,
    options: DeidentifyOptions,
    progress: Progress,
) -> CleanStudy:
    """De-identify the series of a case, and nothing else that lies in their folders.

    Parameters
    ----------
    study : Study
    folder : Path
        New folder for the objects.
    pseudonym : str
        Instead of the patient's name and ID.
    options : DeidentifyOptions
    progress : callable

    Raises
    ------
    InputError
        If a series is not DICOM, is synthetic by the case alone, or they are of several patients.
    """
    images = {one.asked.name: one.image for one in study.series}
    others = [one.compare for one in study.series if one.compare is not None]
    files: dict[Path, None] = {}
    for one in study.series:
        name = f"The images of {one.asked.name}"
        files.update(dict.fromkeys(_files(one.image, name, one.synthetic)))
        if one.compare is not None:
            name = f"The images to compare {one.asked.name} with"
            files.update(dict.fromkeys(_files(one.compare, name, one.compare_synthetic)))
    done = deidentify(list(files), folder, pseudonym=pseudonym, options=options, progress=progress)
    return CleanStudy(
        {name: _read_back(image, done) for name, image in images.items()},
        tuple(_read_back(image, done) for image in others),
        done,
    )


def _files(image: Image, name: str, synthetic: bool) -> Sequence[Path]:
    """The files of a series, though its folder may hold others."""
    if image.source.kind != "dicom":
        raise InputError(
            f"{name} are not DICOM, so no DICOM teaching file can be made of them; "
            "give their DICOM folders, or make the class page alone."
        )
    if synthetic and not image.synthetic:
        raise InputError(
            f"{name} are synthetic by the case, but their files do not say so, and would leave "
            "unmarked; make the class page alone, which marks every picture."
        )
    place = split_series(image.source.path)[0]
    if not place.is_dir():
        return [place]
    wanted = set(image.source.instance_uids)
    return [
        one.path for series in list_series(place) for one in series.instances if one.uid in wanted
    ]


def _read_back(image: Image, done: Deidentified) -> CleanSeries:
    uid = done.uid_map[image.source.series_uid]
    clean = read(done.folder / uid, modality=image.modality or None)
    if in_order_of(clean, image) is None:  # another state may be shown in the order of its pair
        raise ComputationError("A de-identified series lies on another grid than its source.")
    # a role that the headers no longer show is still the one that the case says
    clean = replace(clean, modality=image.modality)
    slices = match_slices(clean, clean)
    if slices is None:
        raise ComputationError("The slices of a de-identified series do not form its volume.")
    return CleanSeries(clean, slices)
