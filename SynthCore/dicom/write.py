"""A synthesis result as a DICOM series that no system can take for an acquired one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from SynthCore import __version__
from SynthCore.dicom.file_bytes import file_bytes
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.series_plan import NewStudy, SeriesPlan, plan_series, slice_data_set
from SynthCore.dicom.texts import SH, fit
from SynthCore.image import Image
from SynthCore.request import SynthesisRecord, SynthesisResult
from SynthCore.staging import new_folder, refuse_filled

IMPLEMENTATION_UID = UID(generate_uid(entropy_srcs=["SynthCore", "implementation"]))
"""The same for every version; ImplementationVersionName tells them apart."""


def series_name_of(target: str) -> str:
    """Name of the folder of a role's series."""
    return f"synthetic-{target}"


@quiet()
def export_dicom(
    result: SynthesisResult,
    folder: str | Path,
    *,
    source: Image | None = None,
    more_sources: Sequence[Image] = (),
    study: NewStudy | None = None,
) -> SynthesisRecord:
    """Write the result as a series of single-frame CT or MR Image objects, one a slice.

    Parameters
    ----------
    result : SynthesisResult
        The image, its record and warnings. The record's target says whether CT or MR is written.
    folder : path
        Must not exist or be empty. It appears only once every file in it is complete.
    source : Image, optional
        The image whose patient, study and frame of reference the series belongs to; by default
        the one `result.image.source` names. Where it has no DICOM headers, a new study of a
        patient without a name is made.
    more_sources : sequence of Image
        Further inputs; those with DICOM headers are referenced, and must be of the same patient.
        An image given twice counts once.
    study : NewStudy, optional
        Where the series is to lie in a study of its own, such as one of a later date.

    Returns
    -------
    SynthesisRecord
        The record with the series in ``output``: ``instances`` (SOPInstanceUID to SHA-256 of the
        pixel data), ``series_instance_uid``, ``stored_scale`` and ``stored_offset``
        (value = stored / scale + offset), ``dicom_notes`` (what could not be copied or kept).

    Raises
    ------
    InputError
        If the folder holds something or cannot be written, the grid is sheared, or the sources
        are of different patients.
    ComputationError
        If a voxel is not a number, or the disk is full. Nothing is left behind.
    """
    target = Path(folder)
    refuse_filled(target)
    plan = plan_series(result, (source or result.image, *more_sources), study)
    with new_folder(target) as partial:
        for number in range(len(plan.uids)):
            (partial / f"IMG{number + 1:04d}.dcm").write_bytes(slice_bytes(plan, number))
    return plan.record


def slice_bytes(plan: SeriesPlan, number: int) -> bytes:
    """The complete file of slice `number`: Explicit VR Little Endian, digest included."""
    header = slice_data_set(plan, number)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = fit(f"SYNTHCORE_{__version__}", SH)
    header.file_meta = meta
    return file_bytes(header)
