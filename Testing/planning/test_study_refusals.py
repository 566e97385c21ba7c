"""Plans, structures and images that do not belong together, from files that we did not write."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pydicom
import pytest

from SynthCore.errors import InputError
from SynthCore.planning.study import Paths, read_study

ARCHIVE = Path("dicom") / "STS_010_CT_MR_PET_RTSTRUCT.zip"
PLAN = Path("dicom") / "pydicom_test_files" / "rtplan.dcm"


@pytest.fixture(scope="module")
def thigh(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("thigh")
    with zipfile.ZipFile(real_data / ARCHIVE) as packed:
        packed.extractall(folder, [n for n in packed.namelist() if "/CT/" in n])
    return folder / "STS_010" / "CT"


def changed(plan: Path, to: Path, **values: str) -> Path:
    found = pydicom.dcmread(plan, force=True)
    for name, value in values.items():
        setattr(found, name, value)
    found.save_as(to, enforce_file_format=True)
    return to


@pytest.mark.data
def test_a_plan_of_another_patient_or_frame_is_refused(
    real_data: Path, thigh: Path, tmp_path: Path
) -> None:
    ct = thigh / "image"
    with pytest.raises(InputError, match="plan belongs to another patient"):
        read_study(Paths(ct, plan=real_data / PLAN))
    header = pydicom.dcmread(next(ct.iterdir()), stop_before_pixels=True)
    same = changed(real_data / PLAN, tmp_path / "same.dcm", PatientID=header.PatientID,
                   FrameOfReferenceUID="1.2.3")  # fmt: skip
    with pytest.raises(InputError, match="plan belongs to another frame of reference"):
        read_study(Paths(ct, plan=same))
    mine = changed(same, tmp_path / "mine.dcm", FrameOfReferenceUID=header.FrameOfReferenceUID)
    assert read_study(Paths(ct, plan=mine)).plan is not None


@pytest.mark.data
def test_a_plan_of_another_patient_than_the_structures_is_refused_without_any_dicom_image(
    real_data: Path, thigh: Path
) -> None:
    ct = real_data / "mr_ct_pairs" / "STS_010" / "CT_image.nii.gz"
    with pytest.raises(InputError, match="plan belongs to another patient"):
        read_study(Paths(ct, structures=thigh / "mask" / "RS.dcm", plan=real_data / PLAN))
