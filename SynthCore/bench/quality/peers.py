"""Simple methods that stand in the table beside the models: what everybody could do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from skimage.exposure import match_histograms

from SynthCore.bench.quality.case import QualityCase
from SynthCore.engine.synthesize import find_body
from SynthCore.image import Image
from SynthCore.itk import empty_itk, to_itk

Peer = Callable[[QualityCase, Path], Image]
"""A case and the folder of real images to an image on the reference's grid."""

WATER_HU = 40.0
AIR_HU = -1000.0


def all_water(case: QualityCase, data: Path) -> Image:
    """Soft tissue's CT number in the whole body as the MR shows it, air outside."""
    (mr,) = case.inputs.values()
    hu = np.where(find_body(mr), WATER_HU, AIR_HU).astype(np.float32)
    return case.reference.with_voxels(hu, modality="CT", unit="HU")


def histogram_matching(case: QualityCase, data: Path) -> Image:
    """The first sequence given, its histogram in the brain matched to another patient's target."""
    from SynthCore.bench.quality.sequence_cases import another_brain

    given = next(iter(case.inputs.values()))
    other, brain = another_brain(data, case.patient, case.target)
    made = np.zeros(given.shape, dtype=np.float32)
    made[case.area] = match_histograms(given.voxels[case.area], other.voxels[brain])
    return case.reference.with_voxels(made, modality=case.target, unit="1")


def b_spline(case: QualityCase, data: Path) -> Image:
    """SimpleITK's cubic B-spline through the centers of the thick slices."""
    (given,) = case.inputs.values()
    onto = sitk.ResampleImageFilter()
    onto.SetReferenceImage(empty_itk(case.reference.shape, case.reference.affine))
    onto.SetInterpolator(sitk.sitkBSpline)
    onto.SetUseNearestNeighborExtrapolator(True)
    made = sitk.GetArrayFromImage(onto.Execute(to_itk(given.voxels, given.affine)))
    return case.reference.with_voxels(made)


PEERS: Mapping[str, Mapping[str, Peer]] = {
    "mr-to-ct": {"all water": all_water},
    "mr-sequence": {"histogram matching": histogram_matching},
    "super-resolution": {"B-spline": b_spline},
}
"""By task and name."""
