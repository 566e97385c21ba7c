"""The uncertainty of a synthetic series as a DICOM Parametric Map: written and read back.

32-bit floats in the image's unit, one frame a slice, in the study of the series and pointing to
its objects; marked as synthetic like everything that is made from synthetic data.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ParametricMapStorage, generate_uid

from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.guard import MAX_VOXELS, guarded, quiet
from SynthCore.dicom.marks import MANUFACTURER, MODEL_NAME, PREFIX
from SynthCore.dicom.object_marks import DEVICE_SERIAL, SOFTWARE, mark_object
from SynthCore.dicom.record_tags import synthetic_of
from SynthCore.dicom.scan import is_of_class
from SynthCore.dicom.seg.build import write_object
from SynthCore.dicom.seg.source import on_series
from SynthCore.dicom.sr_parts import concept
from SynthCore.dicom.texts import LO, fit, value_text
from SynthCore.errors import InputError
from SynthCore.image import Image, Source

SERIES_NUMBER = 9002
LABEL = "SIGMA"
_HOUNSFIELD = ("[hnsf'U]", "UCUM", "Hounsfield unit")
_STANDARD_DEVIATION = ("386136009", "SCT", "Standard Deviation")


@quiet()
def build_map(deviation: Image, series: Image, *, contribution: str = "") -> Dataset:
    """Make the object.

    Parameters
    ----------
    deviation : Image
        Standard deviation of the error [k, j, i] in HU, on the grid of `series`.
    series : Image
        The synthetic images it is about, read from DICOM.
    contribution : str
        What made it, for a person.

    Returns
    -------
    pydicom.dataset.Dataset
        A `highdicom.pm.ParametricMap` with file meta information, Explicit VR Little Endian.

    Raises
    ------
    InputError
        If the series does not fit, or the map holds what is no standard deviation.
    """
    from highdicom.pm import ParametricMap, RealWorldValueMapping

    voxels = deviation.voxels.astype(np.float32)
    if not (np.isfinite(voxels).all() and voxels.min() >= 0):
        raise InputError("An uncertainty holds standard deviations: numbers from 0 on.")
    placed = on_series(deviation.with_voxels(voxels), series)
    headers = series.source.headers
    highest = max(float(voxels.max()), 1.0)
    made = ParametricMap(
        source_images=placed.images,
        pixel_array=placed.planes,
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL_NAME,
        software_versions=SOFTWARE,
        device_serial_number=DEVICE_SERIAL,
        contains_recognizable_visual_features=True,  # as the images': a head's map shows a face
        real_world_value_mappings=[
            RealWorldValueMapping(
                lut_label=LABEL,
                lut_explanation="Standard deviation of the error, HU",
                unit=concept(_HOUNSFIELD),
                value_range=(0.0, highest),
                slope=1.0,
                intercept=0.0,
                quantity_definition=concept(_STANDARD_DEVIATION),
            )
        ],
        window_center=highest / 4,
        window_width=highest / 2,
        content_label="SYNTHETIC",
        content_description=fit(f"{PREFIX} uncertainty", LO),
        content_creator_name=MODEL_NAME,
        series_description=fit(f"{PREFIX} uncertainty, standard deviation in HU", LO),
    )
    mark_object(made, placed.base, contribution=contribution, source=headers[0],
                any_script=False)  # fmt: skip
    for keyword in ("BodyPartExamined", "Laterality"):  # highdicom leaves them out
        if keyword in placed.base:
            made[keyword] = placed.base[keyword]
    return made


def write_map(path: Path, deviation: Image, series: Image, *, contribution: str = "") -> None:
    """Write what `build_map` makes, all of it or nothing.

    Raises
    ------
    InputError
        If the file exists or the folder cannot be written.
    """
    write_object(path, build_map(deviation, series, contribution=contribution))


def is_map(path: Path) -> bool:
    """Whether the file is a DICOM Parametric Map; False for whatever cannot be read."""
    return is_of_class(path, ParametricMapStorage)


@quiet()
def read_map(path: Path) -> Image:
    """Read a parametric map of one regular grid, in the unit that it states.

    Its slices come in an order of their own: compare by the place in the patient.

    Raises
    ------
    InputError
        If the file is no parametric map, is too large, or does not lie on one regular grid.
    """
    from highdicom import imread

    with guarded(path.name, "cannot be read as a DICOM parametric map"):
        header = read_file(path, stop_before_pixels=True)
        if header.get("SOPClassUID") != ParametricMapStorage:
            raise InputError(f"{path.name} is no DICOM parametric map; give one.")
        count = 1
        for keyword in ("Rows", "Columns", "NumberOfFrames"):
            count *= max(int(header.get(keyword) or 1), 1)
        if count > MAX_VOXELS:
            raise InputError(f"{path.name} says it holds {count} voxels: taken for damage.")
        volume = imread(path).get_volume(dtype=np.float32)
    voxels = np.asarray(volume.array)
    affine = np.asarray(volume.affine)[:, [2, 1, 0, 3]]  # highdicom counts (slice, row, column)
    unit = "HU" if _unit(header) == _HOUNSFIELD[0] else "1"
    said = Dataset()  # whose it is and where it lies; it has no slices of its own
    for keyword in ("PatientID", "StudyInstanceUID", "FrameOfReferenceUID"):
        if value := value_text(header.get(keyword)):
            setattr(said, keyword, value)
    source = Source("dicom", str(path), _series(header), headers=(said,))
    return Image(voxels, affine, "", unit, source, synthetic=synthetic_of(header))


def _unit(header: Dataset) -> str:
    groups = header.get("SharedFunctionalGroupsSequence") or [Dataset()]
    for mapping in groups[0].get("RealWorldValueMappingSequence") or ():
        for code in mapping.get("MeasurementUnitsCodeSequence") or ():
            return value_text(code.get("CodeValue"))
    return ""


def _series(header: Dataset) -> str:
    return value_text(header.get("SeriesInstanceUID"))
