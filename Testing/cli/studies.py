"""Small studies on disk for the command line, right ones and wrong ones."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from SynthCore.physics.mr_scan import acquire_mr
from SynthCore.physics.phantom.head import make_head
from SynthCore.physics.phantom.layers import Grid

SHAPE = (8, 40, 48)


def limb(shape: tuple[int, int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """A limb-like MR [k, j, i]: bright rim, gray inside, dark core, noise."""
    j, i = np.meshgrid(np.linspace(-1, 1, shape[1]), np.linspace(-1, 1, shape[2]), indexing="ij")
    radius = np.hypot(j, i)
    plane = np.select([radius < 0.2, radius < 0.6, radius < 0.8], [60, 400, 900], 0)
    noise = np.random.default_rng(seed).normal(0, 15, shape)
    return np.clip(plane + noise, 0, None).astype(np.int16)


def hounsfield(shape: tuple[int, int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """The same limb in HU."""
    j, i = np.meshgrid(np.linspace(-1, 1, shape[1]), np.linspace(-1, 1, shape[2]), indexing="ij")
    radius = np.hypot(j, i)
    plane = np.select([radius < 0.2, radius < 0.6, radius < 0.8], [700, 50, -100], -1000)
    noise = np.random.default_rng(seed).normal(0, 20, shape)
    return (plane + noise).astype(np.int16)


def head() -> np.ndarray:
    """T1 [k, j, i] of a few slices through the brain of the digital phantom, 1 x 1 x 3 mm."""
    grid = Grid((24, 236, 180), 1.0, (-89.5, 116.0, 20.0))
    return acquire_mr(make_head(0, grid), "T1", seed=0).voxels


def write_nifti(path: Path, voxels: np.ndarray, spacing: tuple[float, ...] = (1, 1, 3)) -> Path:
    """Voxels [k, j, i] (or with more axes before) as NIfTI."""
    affine = np.diag([-spacing[0], -spacing[1], spacing[2], 1.0])
    nib.save(nib.Nifti1Image(voxels.T, affine), path)
    return path


def write_series(
    folder: Path,
    voxels: np.ndarray,
    modality: str = "MR",
    *,
    description: str = "t1 axial",
    patient: str = "A",
    spacing: float = 3.0,
    z0: float = 0.0,
    frame: str | None = None,
) -> Path:
    """A classic series, one file a slice, every attribute a reader looks at."""
    folder.mkdir(parents=True, exist_ok=True)
    series, study = generate_uid(), generate_uid()
    frame = frame or generate_uid()
    for k, plane in enumerate(voxels):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage if modality == "CT" else MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        item = FileDataset(None, Dataset(), file_meta=meta, preamble=b"\0" * 128)
        item.SOPClassUID, item.SOPInstanceUID = (
            meta.MediaStorageSOPClassUID,
            meta.MediaStorageSOPInstanceUID,
        )
        item.PatientID, item.PatientName = patient, f"Test^{patient}"
        item.StudyInstanceUID, item.SeriesInstanceUID = study, series
        item.FrameOfReferenceUID = frame
        item.Modality, item.SeriesDescription = modality, description
        item.InstanceNumber = k + 1
        item.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL" if modality == "CT" else "M"]
        item.ImagePositionPatient = [-20.0, -24.0, z0 + spacing * k]
        item.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        item.PixelSpacing, item.SliceThickness = [1.0, 1.0], spacing
        item.SamplesPerPixel, item.PhotometricInterpretation = 1, "MONOCHROME2"
        item.Rows, item.Columns = plane.shape
        item.BitsAllocated, item.BitsStored, item.HighBit = 16, 16, 15
        item.PixelRepresentation = 1
        if modality == "CT":
            item.RescaleSlope, item.RescaleIntercept, item.KVP = 1, 0, 120
        else:
            item.RepetitionTime, item.EchoTime, item.ScanningSequence = 500, 12, "SE"
            item.SequenceVariant, item.MagneticFieldStrength = "NONE", 1.5
        item.PixelData = plane.astype("<i2").tobytes()
        item.save_as(folder / f"IM{k:03}.dcm", enforce_file_format=True)
    return folder
