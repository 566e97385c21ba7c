"""Teaching files of real studies: valid, linked, and not marked where nothing is synthetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.teaching.case import Arrow, KeyImage
from SynthCore.teaching.case_file import parse_case
from SynthCore.teaching.dicom_file import write_teaching_file
from SynthCore.teaching.study import read_study
from Testing.dicom.validators import acquired_errors, entity_errors, require_dicom3tools


@pytest.mark.data
@pytest.mark.parametrize(
    ("archive", "folders"),
    [
        ("VS-SEG-001_MR_T1c_16slices", {"T1c": "."}),
        ("STS_010_CT_MR_PET_RTSTRUCT", {"CT": "STS_010/CT/image", "T1": "STS_010/MR_T1/image"}),
    ],
)
def test_real_studies_become_valid_teaching_files(
    unpacked, tmp_path: Path, archive: str, folders: dict[str, str]
) -> None:
    require_dicom3tools()
    folder = unpacked(archive)
    series = [{"role": role, "path": str(folder / path)} for role, path in folders.items()]
    middle = {"slice": 5, "caption": "Größe"}
    case = parse_case(
        {"title": "A case", "question": "What?", "answer": "That", "series": series,
         "author": "Zoë Teacher", "key": [{"series": role, **middle} for role in folders]},
        tmp_path,
    )  # fmt: skip
    study = read_study(case)
    i, j, k = 100, 90, 4
    tip = tuple((study.series[0].image.affine @ (i, j, k, 1))[:3])
    keys = (KeyImage(case.series[0].name, arrows=(Arrow(tip, "here"),)), *case.key_images)
    made = write_teaching_file(
        tmp_path / "file", replace(study, case=replace(case, key_images=keys)), pseudonym="CASE01"
    )
    own = [made.folder / name for name in made.objects]
    assert acquired_errors(own) == []
    assert entity_errors(sorted(made.folder.rglob("*.dcm"))) == []
    line = (
        pydicom.dcmread(made.folder / "key-image-1.dcm")
        .GraphicAnnotationSequence[0]
        .GraphicObjectSequence[0]
    )
    assert np.hypot(line.GraphicData[2] - i - 0.5, line.GraphicData[3] - j - 0.5) < 8
