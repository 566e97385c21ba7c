"""A case as a DICOM teaching file: images, mask, key images, words and the manifest of them all.

Everything is made of the de-identified images and refers to those alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset

from SynthCore.dicom.deidentify import DeidentifyOptions
from SynthCore.dicom.deidentify.seal import sealed
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.seg.build import Segment, build_seg
from SynthCore.dicom.seg.read import algorithm_of, is_seg
from SynthCore.dicom.teaching.information import TeachingInformation, build_information
from SynthCore.dicom.teaching.objects import base_of, described, state_maker
from SynthCore.dicom.teaching.presentation import build_presentations
from SynthCore.dicom.teaching.selection import build_selection
from SynthCore.dicom.texts import LO, fit
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.request import Progress
from SynthCore.staging import new_folder
from SynthCore.teaching.case import TeachingCase
from SynthCore.teaching.dicom_keys import key_presentations
from SynthCore.teaching.dicom_series import CleanStudy, clean_study
from SynthCore.teaching.study import Study

IMAGES = "images"


@dataclass(frozen=True)
class TeachingFile:
    """What was written.

    Attributes
    ----------
    folder : Path
    images : int
        De-identified objects, in ``images``.
    objects : tuple of str
        Names of the other files.
    notes : tuple of str
        What a person has to know: burned-in text that was found, arrows that were left out.
    """

    folder: Path
    images: int
    objects: tuple[str, ...]
    notes: tuple[str, ...]


@quiet()
def write_teaching_file(
    folder: Path,
    study: Study,
    *,
    pseudonym: str,
    options: DeidentifyOptions | None = None,
    progress: Progress | None = None,
) -> TeachingFile:
    """Write the teaching file of a case.

    Parameters
    ----------
    folder : Path
        Must not exist or be empty; it appears once everything in it is complete.
    study : Study
        Its series are all DICOM, of one patient and one study.
    pseudonym : str
        Instead of the patient's name and ID: 1 to 16 letters, digits, ``-`` and ``_``.
    options : DeidentifyOptions, optional
        By default the basic profile, which keeps neither dates nor characteristics.
    progress : callable, optional

    Raises
    ------
    InputError
        If a series is not DICOM, they are of several patients or studies, the folder holds
        something or the pseudonym cannot be one.
    ComputationError
        If an identifier was still found, or the disk is full. Nothing is left behind.
    """
    report = progress or (lambda fraction, stage: None)
    with new_folder(folder) as partial:
        clean = clean_study(
            study,
            partial / IMAGES,
            pseudonym=pseudonym,
            options=options or DeidentifyOptions(),
            progress=lambda fraction, stage: report(0.8 * fraction, stage),
        )
        report(0.8, "teaching file")
        objects, notes = _objects(study, clean)
        for name, made in objects.items():
            if is_synthetic(made):
                (partial / name).write_bytes(sealed(made))
            else:
                dcmwrite(partial / name, made, enforce_file_format=True)
    report(1.0, "done")
    found = tuple(finding.message for finding in clean.deidentified.findings)
    return TeachingFile(folder, len(clean.deidentified.files), tuple(objects), (*found, *notes))


def _objects(study: Study, clean: CleanStudy) -> tuple[dict[str, Dataset], tuple[str, ...]]:
    """Objects by file name."""
    case, images = study.case, clean.headers
    made: dict[str, Dataset] = {}
    if case.truth:
        made["segmentation.dcm"] = _truth(study, clean)
    keys, notes = key_presentations(study, clean)
    for number, one in enumerate(build_presentations(keys, creator=case.author), 1):
        made[f"key-image-{number}.dcm"] = one
    shown = list({str(key.header.SOPInstanceUID): key.header for key in keys}.values())
    made["information.dcm"] = build_information(_words(case), shown, images)
    title = " ".join(part for part in (case.title, case.category) if part)
    made["selection.dcm"] = build_selection(images, list(made.values()), description=title)
    return made, notes


def _words(case: TeachingCase) -> TeachingInformation:
    return TeachingInformation(
        author=case.author,
        abstract=case.abstract or case.title,
        history=case.history,
        question=case.question,
        diagnosis=case.answer,
        discussion=case.discussion,
        category=case.category,
        keywords=case.keywords,
        choices=case.choices,
    )


def _truth(study: Study, clean: CleanStudy) -> Dataset:
    """The mask of the finding on the first series it lies in."""
    on = next((one for one in study.series if one.truth is not None), None)
    if on is None or on.truth is None:
        raise InputError("The truth lies in none of the series; give the mask drawn on one.")
    series = clean.series[on.asked.name].image
    labels = Image(np.asarray(on.truth.voxels, dtype=np.uint8), series.affine)
    name = study.case.truth_name
    made = build_seg(labels, [Segment(1, name, kind=name)], series, description=name)
    if not is_synthetic(series.source.headers[0]) and not on.truth.synthetic:
        _unmark(made, series, name, _made_by(study.case))
    return made


def _made_by(case: TeachingCase) -> tuple[str, str]:
    """Segment Algorithm Type and Name: as the case says, else as the mask's own file does."""
    if case.truth_algorithm:
        return "AUTOMATIC", case.truth_algorithm
    path = Path(case.place(case.truth))
    return algorithm_of(path) if path.is_file() and is_seg(path) else ("MANUAL", "")


def _unmark(made: Dataset, series: Image, name: str, made_by: tuple[str, str]) -> None:
    """A mask of what an acquired image shows: nothing of it is synthetic."""
    headers = series.source.headers
    for keyword in ("SyntheticData", "ContentQualification", "ContributingEquipmentSequence"):
        if keyword in made:
            del made[keyword]
    made.ContentLabel, made.ContentDescription = "TEACHING", described(headers, name)
    made.SeriesDescription = described(headers, name)
    segment = made.SegmentSequence[0]
    for keyword in ("SegmentAlgorithmName", "SegmentationAlgorithmIdentificationSequence"):
        if keyword in segment:
            del segment[keyword]
    segment.SegmentAlgorithmType, algorithm = made_by
    if algorithm:
        segment.SegmentAlgorithmName = fit(algorithm, LO)
    state_maker(made, base_of(headers), headers, name + algorithm)
