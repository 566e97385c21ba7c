"""Everything a synthetic series will hold, decided before the first byte is written.

`plan_series` makes one `SeriesPlan` of a result; `slice_data_set` makes each object of it, and is
what a preview shows and what the writer writes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.equipment import general_equipment
from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.modality import modality_elements, modality_of
from SynthCore.dicom.patient_study import now_for, patient_and_study, require_one_patient
from SynthCore.dicom.record_tags import write_record
from SynthCore.dicom.references import references
from SynthCore.dicom.series_elements import (
    pixel_elements,
    provenance_elements,
    series_elements,
)
from SynthCore.dicom.slice_grid import SliceGrid, slice_grid
from SynthCore.dicom.source_slices import SourceSlice, match_slices, unique_headers
from SynthCore.dicom.stored import Stored, store_ct, store_mr
from SynthCore.dicom.texts import decimal
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord, SynthesisResult


@dataclass(frozen=True)
class NewStudy:
    """A study of its own for a series, in place of its source's.

    Attributes
    ----------
    uid : str
        StudyInstanceUID, the same for every series of it.
    date : str
        StudyDate, YYYYMMDD; the source's, or today, where empty.
    frame_of_reference, patient_id : str
        For series whose source has no DICOM headers: what keeps them together.
    """

    uid: str
    date: str = ""
    frame_of_reference: str = ""
    patient_id: str = ""

    def apply(self, shared: Dataset, *, from_dicom: bool) -> None:
        """Write it over the attributes of a series' study."""
        shared.StudyInstanceUID = self.uid
        if self.date:
            shared.StudyDate, shared.StudyTime = self.date, "120000"
            shared.AccessionNumber = ""  # it names the source's examination
        if not from_dicom and self.frame_of_reference:
            shared.FrameOfReferenceUID = self.frame_of_reference
        if not from_dicom and self.patient_id:
            shared.PatientID = self.patient_id


@dataclass(frozen=True)
class SeriesPlan:
    """One series to be written.

    Attributes
    ----------
    shared : pydicom.Dataset
        What every object holds.
    grid : SliceGrid
        Planes, in the order of instance numbers.
    stored : Stored
        Pixel values.
    uids : tuple of str
        SOPInstanceUID of each slice.
    record : SynthesisRecord
        With the instances and their hashes in it.
    sources, matched
        The DICOM sources and their slices on the result's grid.
    """

    shared: Dataset
    grid: SliceGrid
    stored: Stored
    uids: tuple[str, ...]
    record: SynthesisRecord
    sources: tuple[Image, ...]
    matched: tuple[tuple[SourceSlice, ...] | None, ...]


def plan_series(
    result: SynthesisResult, sources: Sequence[Image], study: NewStudy | None = None
) -> SeriesPlan:
    """The series that `result` becomes.

    Parameters
    ----------
    result
        Image and record.
    sources
        The images it was made from; patient, study and grid are those of the first one that was
        read from DICOM.
    study
        Where the series is to lie in a study of its own.

    Raises
    ------
    InputError
        If the sources are of different patients, or the image's role or grid cannot be written.
    ComputationError
        If a voxel is not a number.
    """
    image, role = result.image, result.record.target or result.image.modality
    modality = modality_of(role)
    sources = _from_dicom(sources)
    headers = [header for source in sources for header in unique_headers(source)]
    require_one_patient(headers)
    header = headers[0] if headers else None
    frames = [unique_headers(source)[0].get("FrameOfReferenceUID") for source in sources]
    # numbers agree by chance in different frames of reference
    matched = tuple(
        match_slices(image, source) if frame == frames[0] else None
        for source, frame in zip(sources, frames, strict=True)
    )
    grid = slice_grid(image, matched[0] if matched else None)
    stored = (store_ct if modality == "CT" else store_mr)(grid.voxels)

    shared, notes = patient_and_study(header, _anonymous_id(result.record))
    if study is not None:
        study.apply(shared, from_dicom=header is not None)
    now = now_for(shared)
    seeds = [
        hashlib.sha256(result.record.to_json().encode()).hexdigest(),
        now.isoformat(),
        secrets.token_hex(16),
    ]
    _add(shared, modality_elements(role, result.record.task, header))
    _add(shared, general_equipment(result.record))
    uid = generate_uid(entropy_srcs=[*seeds, "series"])
    _add(shared, series_elements(result, role, header, now, uid))
    _add(shared, provenance_elements(result, headers, now))
    _add(shared, pixel_elements(stored))

    uids = tuple(generate_uid(entropy_srcs=[*seeds, str(n)]) for n in range(len(grid.planes)))
    record = _record(result.record, shared, stored, uids, (*notes, *stored.notes))
    write_record(shared, record.to_json())
    return SeriesPlan(shared, grid, stored, uids, record, sources, matched)


def slice_data_set(plan: SeriesPlan, number: int) -> Dataset:
    """The object of slice `number` (from 0), complete but for its digest."""
    target = Dataset()
    _add(target, plan.shared)
    plane = plan.grid.planes[number]
    target.SOPInstanceUID = plan.uids[number]
    target.InstanceNumber = str(number + 1)
    target.ImagePositionPatient = list(plane.position)
    target.ImageOrientationPatient = list(plane.orientation)
    target.PixelSpacing = list(plane.pixel_spacing)
    target.SliceThickness = plane.thickness or decimal(plan.grid.spacing)
    target.SpacingBetweenSlices = decimal(plan.grid.spacing)
    target.SliceLocation = decimal(plan.grid.locations[number])
    _add(
        target,
        references(plan.sources, plan.matched, plan.grid.k[number], target.StudyInstanceUID),
    )
    target.PixelData = pixel_bytes(plan.stored, number)
    target["PixelData"].VR = "OW"
    return target


def pixel_bytes(stored: Stored, number: int) -> bytes:
    """PixelData of slice `number`: rows one after the other, little endian."""
    return bytes(stored.values[number].astype("<u2").tobytes())


def _anonymous_id(record: SynthesisRecord) -> str:
    """The same for all that is made of one image, and of no other."""
    hashes = [str(given.get("sha256", "")) for given in record.inputs.values()]
    return f"{PREFIX}-{(hashes or [''])[0][:12] or secrets.token_hex(6)}"


def _from_dicom(sources: Sequence[Image]) -> tuple[Image, ...]:
    """The sources with headers, each once: a result carries those of its first input too."""
    found: dict[tuple[str, ...], Image] = {}
    for source in sources:
        uids = tuple(sorted(str(h.get("SOPInstanceUID")) for h in unique_headers(source)))
        if uids:
            found.setdefault(uids, source)
    return tuple(found.values())


def _record(
    record: SynthesisRecord,
    shared: Dataset,
    stored: Stored,
    uids: tuple[str, ...],
    notes: tuple[str, ...],
) -> SynthesisRecord:
    output = dict(record.output)
    output["series_instance_uid"] = str(shared.SeriesInstanceUID)
    output["stored_scale"] = stored.scale
    output["stored_offset"] = stored.offset
    output["dicom_notes"] = list(notes)
    output["instances"] = {
        str(uid): hashlib.sha256(pixel_bytes(stored, number)).hexdigest()
        for number, uid in enumerate(uids)
    }
    return replace(record, output=output)


def _add(target: Dataset, more: Dataset) -> None:
    for element in more:
        target.add(element)
