"""What the scans of a generated person say of their technique, as DICOM."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from SynthCore.dicom import marks
from SynthCore.image import Image
from SynthCore.physics.generator import sequences
from SynthCore.physics.generator.ct_look import CtLook
from SynthCore.physics.generator.resolution import Resolution, is_resampled
from SynthCore.physics.generator.scan import Scan

_MHZ_PER_T = 42.577

_GAP = 1.02
"""Slices farther apart than so many times their thickness have a gap that is told."""

_SEQUENCES: dict[str, tuple[list[str], list[str]]] = {
    sequences.SPIN_ECHO: (["SE"], ["NONE"]),
    sequences.TURBO: (["SE"], ["SK"]),
    sequences.GRADIENT: (["GR"], ["SP"]),
    sequences.MPRAGE: (["GR", "IR"], ["SP", "MP"]),
    sequences.INVERSION: (["SE", "IR"], ["SK"]),
    sequences.DOUBLE: (["SE", "IR"], ["SK"]),
}
"""ScanningSequence and SequenceVariant of every equation."""


def mr_scan_header(scan: Scan, image: Image, person: str) -> Dataset:
    """Of an MR scan.

    Parameters
    ----------
    scan : Scan
        As drawn.
    image : Image
        What was made of it; the display window is chosen by it.
    person : str
        Whose, for the description.
    """
    sequence = scan.sequence
    header = Dataset()
    header.SOPClassUID, header.Modality = MRImageStorage, "MR"
    header.ImageType = list(marks.MR_IMAGE_TYPE)
    # the role first, where the name of the sequence does not say it
    role, agent = scan.role.removesuffix("c"), scan.agent is not None
    name = sequence.name if role in sequence.name.split() else f"{role} {sequence.name}"
    name += " +C" if agent else ""
    header.SeriesDescription = f"{marks.PREFIX} {person} {name}"
    header.ProtocolName = f"{marks.PREFIX} {name}"
    if agent:
        header.ContrastBolusAgent = "Gadolinium chelate (simulated)"
    header.ScanningSequence, header.SequenceVariant = _SEQUENCES[sequence.kind]
    header.ScanOptions = "FS" if scan.fat.kept < 1 else None
    header.MRAcquisitionType = "3D" if sequence.volume else "2D"
    header.RepetitionTime, header.EchoTime = f"{sequence.tr:.1f}", f"{sequence.te:.2f}"
    if sequence.ti:
        header.InversionTime = f"{sequence.ti:.1f}"
    header.EchoTrainLength = 1 if sequence.kind in (sequences.SPIN_ECHO, sequences.GRADIENT) else ""
    header.FlipAngle = f"{sequence.flip:.1f}"
    header.MagneticFieldStrength = f"{scan.field_t:g}"
    header.ImagingFrequency = f"{_MHZ_PER_T * scan.field_t:.2f}"
    header.NumberOfAverages = "1"
    _add_slices(header, scan.resolution, image)
    voxels = image.voxels
    inside = voxels[voxels > 0.1 * np.percentile(voxels, 99)]
    top = int(np.percentile(inside, 99)) if inside.size else 1
    header.WindowCenter, header.WindowWidth = str(top // 2), str(max(top, 1))
    return header


def ct_scan_header(look: CtLook, image: Image, person: str) -> Dataset:
    """Of a CT, whose voxels are HU; `person` is for the description."""
    header = Dataset()
    header.SOPClassUID, header.Modality = CTImageStorage, "CT"
    header.ImageType = list(marks.CT_IMAGE_TYPE)
    header.SeriesDescription = f"{marks.PREFIX} {person} CT {look.kernel}"
    header.ProtocolName = f"{marks.PREFIX} CT"
    header.ScanOptions = None
    header.KVP, header.ConvolutionKernel = "120", look.kernel.upper()
    header.GantryDetectorTilt = "0"
    header.RescaleIntercept, header.RescaleSlope, header.RescaleType = "-1024", "1", "HU"
    header.WindowCenter, header.WindowWidth = "40", "80"
    _add_slices(header, look.resolution, image)
    return header


def _add_slices(header: Dataset, resolution: Resolution | None, image: Image) -> None:
    """Thickness of the slices as acquired, and that they were brought onto another grid."""
    if resolution is None:
        return
    header.SliceThickness = f"{resolution.thickness:.4g}"
    if not is_resampled(resolution, image.spacing[2]):
        return
    told = f"resampled from {resolution.thickness:.1f} mm slices"
    if resolution.distance > _GAP * resolution.thickness:
        told += f" {resolution.distance:.1f} mm apart"
    header.DerivationDescription = told
