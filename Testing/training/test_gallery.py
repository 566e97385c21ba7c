"""The page of generated images: the command, and the phantom's labels."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from SynthCore.cli.main import main
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.physics.generator.lesions import KINDS
from SynthCore.physics.generator.record import from_json
from SynthCore.physics.generator.scan import PARTS, Scan
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.phantom.synthseg import phantom_labels
from Testing.physics.generator.head_map import small_head


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    labels = folder / "labels"
    labels.mkdir()
    affine = make_affine((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    head = Image(small_head(), affine)
    write_nifti(head, labels / "head_1.nii.gz", record_json=None, origin="spheres")
    out = folder / "page.html"
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        wanted = ["gallery", "--labels", str(labels), "--out", str(out), "--persons", "1"]
        assert main(wanted) == 0
    finally:
        torch.set_num_threads(before)
    return out


def pictures(page: Path) -> list[np.ndarray]:
    found = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page.read_text("utf-8"))
    return [np.asarray(Pillow.open(io.BytesIO(base64.b64decode(one)))) for one in found]


def test_the_page_holds_every_part_and_needs_nothing_else(page: Path) -> None:
    text = page.read_text("utf-8")
    for word in ("SYNTHETIC", "not cleared for clinical use", *PARTS, *KINDS):
        assert word in text
    assert not re.search(r"(src|href)=\"(?!data:|#)", text)
    assert "<script" not in text
    # people, three planes, six kinds of lesion, five of fluid, parts off and on, kernels twice,
    # four of CT by its projections in two windows
    shown = pictures(page)
    assert len(shown) == 8 + 3 * 5 + 6 * 8 + 5 * 8 + 2 * len(PARTS) + 2 * 8 + 4 * 2
    assert all(picture.std() > 5 for picture in shown)


def test_a_scan_can_be_read_back_from_the_page(page: Path) -> None:
    text = page.read_text("utf-8").replace("&#34;", '"')
    records = re.findall(r"<pre>(\{.*?\})</pre>", text)
    scans = [one for one in records if "sequence" in json.loads(one)]
    assert len(scans) >= 6 + len(PARTS)
    assert {from_json(Scan, one).role for one in scans} == {"T1", "T1c", "T2", "FLAIR", "PD", "DIR"}


def test_the_page_is_not_written_over(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = page.read_bytes()
    assert main(["gallery", "--out", str(page)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert page.read_bytes() == before


@pytest.mark.parametrize("kind", ["missing", "empty"])
def test_a_folder_without_label_maps_is_refused(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels"
    if kind == "empty":
        labels.mkdir()
    out = tmp_path / "page.html"
    assert main(["gallery", "--labels", str(labels), "--out", str(out), "--json"]) == 2
    assert "labels" in json.loads(capsys.readouterr().out)["error"]
    assert not out.exists()


def test_the_phantom_has_the_numbers_of_synthseg() -> None:
    labels = phantom_labels(0, Grid((45, 59, 51), 4.0, (-100.0, 116.0, -100.0)))
    assert labels.dtype == np.int16
    assert {0, 2, 3, 24, 507, 511, 515} <= set(np.unique(labels).tolist())
    # superior is up along k: more brain in the upper half; eyes in front, at low j
    brain = np.isin(labels, (2, 3))
    assert brain[22:].sum() > brain[:22].sum()
    eyes = np.argwhere(labels == 506)
    assert eyes[:, 1].mean() < np.argwhere(brain)[:, 1].mean()
