"""The demo study: a digital head phantom, scanned by simulation and written as DICOM.

Seven series of one frame of reference: T1, T1c, T2, FLAIR, PD, CT and CT at a quarter of the dose,
as classic single-frame objects. Every instance is marked as synthetic. Beside them the truth, as
NIfTI: the tissue of every voxel and a mask of the tumor.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from SynthCore import __version__
from SynthCore.dicom import marks
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.physics.ct_scan import acquire_ct, add_dose_noise
from SynthCore.physics.mr_scan import SEQUENCES, acquire_mr
from SynthCore.physics.phantom.head import make_head
from SynthCore.physics.slices import label_image, make_texture
from SynthCore.physics.tissues import LABELS
from SynthCore.request import Progress

LOW_DOSE = 0.25
LOW_DOSE_NAME = "CT_low_dose"
_LESION = ("tumor", "necrosis")
_FULL_EXPOSURE_MAS = 280


@dataclass(frozen=True)
class _Study:
    """What all series share."""

    seed: int
    uid: str
    frame_of_reference: str
    when: datetime


def write_demo_study(
    folder: Path, *, seed: int = 0, progress: Progress | None = None
) -> dict[str, Path]:
    """Write the demo study.

    Parameters
    ----------
    folder : Path
        Where; made if missing, and empty if not.
    seed : int
        Another seed is another head: folding, asymmetry, roughness, noise.
    progress : callable, optional
        Told a fraction and a stage.

    Returns
    -------
    dict
        Folder of every series: ``T1``, ``T1c``, ``T2``, ``FLAIR``, ``PD``, ``CT``,
        ``CT_low_dose``; the files ``truth/tissues.nii.gz`` and ``truth/tumor.nii.gz`` lie beside
        them.

    Raises
    ------
    InputError
        If the folder holds something or cannot be written.
    """
    folder = Path(folder)
    try:
        _require_empty(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise _cannot_write(folder) from error
    try:
        names = _write_all(unfinished, seed, progress or (lambda fraction, stage: None))
        _require_empty(folder)
        if folder.exists():
            folder.rmdir()
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    except OSError as error:
        raise _cannot_write(folder) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return {name: folder / name for name in names}


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"The folder {folder.name} for the demo study is not empty; name a new one."
        )


def _cannot_write(folder: Path) -> InputError:
    return InputError(f"The demo study cannot be written to {folder.name}; name another folder.")


def _write_all(folder: Path, seed: int, progress: Progress) -> list[str]:
    now = datetime.now().astimezone()
    study = _Study(seed, generate_uid(None), generate_uid(None), now)
    progress(0.0, "head")
    phantom = make_head(seed)
    texture = make_texture(phantom, seed)
    progress(0.34, "truth")
    _write_truth(folder / "truth", label_image(phantom))
    names: list[str] = []

    def keep(name: str, image: Image, header: Dataset) -> None:
        names.append(name)
        _write_series(folder / name, image, header, study, number=len(names))

    for step, role in enumerate(SEQUENCES):
        progress(0.37 + 0.04 * step, role)
        image = acquire_mr(phantom, role, seed=seed, texture=texture)
        keep(role, image, _mr_header(role))
    progress(0.57, "CT")
    full = acquire_ct(phantom, seed=seed, texture=texture)
    keep("CT", full, _ct_header("CT", 1.0))
    progress(0.78, "low-dose CT")
    low = add_dose_noise(full, LOW_DOSE, seed=seed)
    keep(LOW_DOSE_NAME, low, _ct_header("CT low dose", LOW_DOSE))
    progress(1.0, "done")
    return names


def _mr_header(role: str) -> Dataset:
    sequence = SEQUENCES[role]
    header = Dataset()
    header.SOPClassUID, header.Modality = MRImageStorage, "MR"
    header.ImageType = list(marks.MR_IMAGE_TYPE)
    rapid = sequence.kind == "mprage"
    name = {"T1": "T1 MPRAGE", "T1c": "T1 MPRAGE +C", "T2": "T2 TSE", "PD": "PD TSE"}.get(
        role, role
    )
    header.SeriesDescription = header.ProtocolName = f"{marks.PREFIX} phantom {name}"
    if sequence.agent:
        header.ContrastBolusAgent = "Gadobutrol (simulated)"
    header.ScanningSequence = ["GR", "IR"] if rapid else ["SE", "IR"] if sequence.ti else "SE"
    header.SequenceVariant = ["SP", "MP"] if rapid else "SK"
    header.ScanOptions = None
    header.MRAcquisitionType = "3D" if rapid else "2D"
    header.RepetitionTime, header.EchoTime = f"{sequence.tr:g}", f"{sequence.te:g}"
    if sequence.ti:
        header.InversionTime = f"{sequence.ti:g}"
    header.EchoTrainLength = 1 if rapid else {"PD": 5}.get(role, 15)
    header.FlipAngle = f"{sequence.flip:g}"
    header.MagneticFieldStrength, header.ImagingFrequency = "1.5", "63.87"
    header.NumberOfAverages = "1"
    top = {"T1": 1500, "T1c": 1700, "T2": 1500, "FLAIR": 1100, "PD": 1300}[role]
    header.WindowCenter, header.WindowWidth = str(top // 2), str(top)
    return header


def _ct_header(name: str, dose: float) -> Dataset:
    header = Dataset()
    header.SOPClassUID, header.Modality = CTImageStorage, "CT"
    header.ImageType = list(marks.CT_IMAGE_TYPE)
    header.SeriesDescription = header.ProtocolName = f"{marks.PREFIX} phantom {name}"
    header.ScanOptions = None
    header.KVP, header.ConvolutionKernel = "120", "STANDARD"
    header.Exposure = round(_FULL_EXPOSURE_MAS * dose)
    header.ExposureTime, header.XRayTubeCurrent = 1000, round(_FULL_EXPOSURE_MAS * dose)
    header.GantryDetectorTilt = "0"
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "-1024", "1", "HU"
    header.WindowCenter, header.WindowWidth = "40", "100"
    return header


def _write_series(folder: Path, image: Image, header: Dataset, study: _Study, number: int) -> None:
    folder.mkdir()
    intercept = int(header.get("RescaleIntercept", 0))
    stored = (image.voxels.astype(np.int32) - intercept).astype("<u2")
    series = generate_uid(None)
    _add_shared(header, image, study)
    header.SeriesInstanceUID, header.SeriesNumber = series, number
    header.AcquisitionNumber = 1
    columns = image.affine[:3, :3] / np.asarray(image.spacing)
    header.ImageOrientationPatient = [f"{v:g}" for v in (*columns[:, 0], *columns[:, 1])]
    for k, pixels in enumerate(stored):
        header.SOPInstanceUID = generate_uid(None)
        header.InstanceNumber = k + 1
        place = image.affine @ (0, 0, k, 1)
        header.ImagePositionPatient = [f"{v:g}" for v in place[:3]]
        header.SliceLocation = f"{place[2]:g}"
        header.PixelData = pixels.tobytes()
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        pydicom.dcmwrite(folder / f"{k + 1:04d}.dcm", header, enforce_file_format=True)


def _add_shared(header: Dataset, image: Image, study: _Study) -> None:
    """Patient, study, equipment, pixel description and marks."""
    header.PatientName, header.PatientID = "Phantom^Digital", f"PHANTOM-{study.seed}"
    header.PatientBirthDate, header.PatientSex = None, "O"
    header.StudyInstanceUID, header.FrameOfReferenceUID = study.uid, study.frame_of_reference
    header.StudyDate = header.SeriesDate = header.ContentDate = study.when.strftime("%Y%m%d")
    header.StudyTime = header.SeriesTime = header.ContentTime = study.when.strftime("%H%M%S")
    header.AcquisitionDate, header.AcquisitionTime = header.StudyDate, header.StudyTime
    header.StudyDescription = f"{marks.PREFIX} digital head phantom"
    header.ReferringPhysicianName, header.AccessionNumber = None, None
    header.StudyID, header.PositionReferenceIndicator = "1", None
    header.PatientPosition, header.BodyPartExamined = "HFS", "HEAD"
    header.Manufacturer, header.ManufacturerModelName = marks.MANUFACTURER, marks.MODEL_NAME
    header.SoftwareVersions, header.DeviceSerialNumber = __version__, f"phantom-{study.seed}"
    si, sj, sk = image.spacing
    header.PixelSpacing, header.SliceThickness = [f"{sj:g}", f"{si:g}"], f"{sk:g}"
    header.SpacingBetweenSlices = f"{sk:g}"
    _, header.Rows, header.Columns = image.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 16, 15
    header.PixelRepresentation = 0
    header.LossyImageCompression = "00"
    marks.stamp(header)
    header.ImageComments = f"{marks.PREFIX}: digital phantom, no patient; not for clinical use"
    header.DerivationDescription = f"Digital head phantom, seed {study.seed}, simulated scan"
    code = ("PHANTOM", marks.SCHEME, "Simulated scan of a digital phantom")
    header.DerivationCodeSequence = [marks.code_item(code)]
    maker = Dataset()
    maker.Manufacturer, maker.ManufacturerModelName = marks.MANUFACTURER, marks.MODEL_NAME
    maker.SoftwareVersions = __version__
    maker.PurposeOfReferenceCodeSequence = [marks.code_item(marks.SYNTHESIZING_EQUIPMENT)]
    header.ContributingEquipmentSequence = [maker]


def _write_truth(folder: Path, labels: Image) -> None:
    folder.mkdir()
    to_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ labels.affine
    tumor = np.isin(labels.voxels, [LABELS[name] for name in _LESION]).astype(np.uint8)
    for name, voxels in (("tissues", labels.voxels), ("tumor", tumor)):
        volume = nib.Nifti1Image(np.transpose(voxels, (2, 1, 0)), to_ras)
        volume.set_qform(to_ras, code=1)
        volume.set_sform(to_ras, code=1)
        nib.save(volume, folder / f"{name}.nii.gz")
    table = "".join(f"{number}\t{name}\n" for name, number in LABELS.items())
    (folder / "tissues.txt").write_text(table, encoding="utf-8")
