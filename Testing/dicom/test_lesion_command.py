"""``synthcore lesion`` in a DICOM study: every object legal, linked and exact."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.cli.main import main
from SynthCore.dicom.lesion_objects import PARTS_NAME, REPORT_NAME, SEG_NAME
from SynthCore.dicom.seg.read import read_seg
from SynthCore.dicom.write import export_dicom
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.image import Source
from SynthCore.lesions.kinds import KINDS
from Testing.augment.brains import brain
from Testing.dicom.results import headers, result_of
from Testing.dicom.validators import entity_errors, object_errors, require_dicom3tools


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A glioma in two sequences of one DICOM study."""
    folder = tmp_path_factory.mktemp("lesion")
    made = headers(brain("T1").shape, brain("T1").affine)
    uids = tuple(str(h.SOPInstanceUID) for h in made)
    source = Source("dicom", "", str(made[0].SeriesInstanceUID), uids, tuple(made))
    inputs = []
    for role in ("T1", "FLAIR"):
        image = brain(role).with_voxels(brain(role).voxels, source=source)
        export_dicom(result_of(image, task="mr-sequence"), folder / role, source=image)
        inputs += ["--input", f"{role}={folder / role}"]
    line = ["lesion", *inputs, "--kind", "glioma", "--volume", "4", "--seed", "3", "--format",
            "dicom", "--out", str(folder / "out")]  # fmt: skip
    assert main(line) == 0
    return folder / "out"


def test_no_object_has_an_error_and_all_belong_together(written: Path, tmp_path: Path) -> None:
    require_dicom3tools()
    files = sorted(written.rglob("*.dcm"))
    assert {SEG_NAME, PARTS_NAME, REPORT_NAME} < {path.name for path in files}
    images = [path for path in files if path.name.startswith("IMG")]
    others = [path for path in files if not path.name.startswith("IMG")]
    assert object_errors([*images[:2], *others], tmp_path) == []
    assert entity_errors(files) == []


def test_masks_and_report_agree_with_the_images(written: Path) -> None:
    series = [next(written.rglob(f"*{role}/IMG0001.dcm")).parent for role in ("T1", "FLAIR")]
    first = read(series[0])
    objects = next(written.rglob(SEG_NAME)).parent
    seg = read_seg(objects / SEG_NAME, like=first)
    truth = read(next(written.rglob("lesion-mask.nii.gz")))
    assert (seg.labels.voxels > 0).sum() == (truth.voxels > 0).sum()
    volume = float((seg.labels.voxels > 0).sum()) * np.prod(first.spacing) / 1000
    assert volume == pytest.approx(4, rel=0.02)
    parts = read_seg(objects / PARTS_NAME, like=first)
    assert parts.labels.voxels[seg.labels.voxels > 0].all(), "every voxel of it is some tissue"
    report = json.dumps(pydicom.dcmread(objects / REPORT_NAME).to_json_dict())
    assert KINDS["glioma"].code[0] in report
    assert seg.series_uid == first.source.series_uid and first.source.series_uid in report


def test_verify_accepts_all_of_it(written: Path) -> None:
    found = verify_folder(written)
    assert found.ok, found.sentences()
