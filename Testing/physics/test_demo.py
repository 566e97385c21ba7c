"""The demo study as a reader of images would judge it: anatomy, contrast, headers."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from scipy import ndimage

from SynthCore.cli.main import main
from SynthCore.demo import write_demo_study
from SynthCore.dicom.marks import missing_marks
from SynthCore.dicom.roles import suggest_role
from SynthCore.errors import InputError
from SynthCore.files.mask import read_mask
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.physics.ct_noise_level import noise_level
from SynthCore.physics.ct_scan import acquire_ct
from SynthCore.physics.mr_scan import acquire_mr
from SynthCore.physics.phantom.head import HEAD_GRID, make_head
from SynthCore.physics.phantom.layers import Grid
from SynthCore.physics.tissues import LABELS, TISSUES
from Testing.dicom.validators import entity_findings, object_errors, require_dicom3tools

SERIES = ("T1", "T1c", "T2", "FLAIR", "PD", "CT", "CT_low_dose")
COARSE = Grid((102, 118, 90), 2.0, (-89.5, 116.0, -112.0))


@dataclass(frozen=True)
class Study:
    folder: Path
    files: dict
    voxels: dict
    tissues: np.ndarray

    def inside(self, *names, slices=1):
        """Voxels in the middle of tissues, away from their borders in so many slices."""
        mask = np.isin(self.tissues, [LABELS[name] for name in names])
        return ndimage.binary_erosion(mask, np.ones((slices, 3, 3)))

    def mean(self, series, *names, slices=1):
        return float(self.voxels[series][self.inside(*names, slices=slices)].mean())


def stored(file):
    header = pydicom.dcmread(file)
    slope, intercept = header.get("RescaleSlope", 1), header.get("RescaleIntercept", 0)
    return header.pixel_array * float(slope) + float(intercept)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "study"
    stages = []
    paths = write_demo_study(folder, seed=0, progress=lambda f, stage: stages.append(f))
    assert stages == sorted(stages)
    assert (stages[0], stages[-1]) == (0.0, 1.0)
    assert paths == {name: folder / name for name in SERIES}
    files = {name: sorted(path.glob("*.dcm")) for name, path in paths.items()}
    voxels = {name: np.stack([stored(f) for f in these]) for name, these in files.items()}
    tissues = np.asarray(nib.load(folder / "truth" / "tissues-label.nii.gz").dataobj)
    return Study(folder, files, voxels, tissues.transpose(2, 1, 0))


def test_every_series_is_whole_and_small(study):
    assert sorted(p.name for p in study.folder.iterdir()) == sorted([*SERIES, "truth"])
    for name in SERIES:
        assert study.voxels[name].shape == study.tissues.shape
        assert sum(f.stat().st_size for f in study.files[name]) < 15e6


@pytest.mark.parametrize("name", SERIES)
def test_every_object_is_marked_and_in_place(study, name):
    headers = [pydicom.dcmread(f, stop_before_pixels=True) for f in study.files[name]]
    for header in headers:
        assert missing_marks(header) == ()
        assert header.PatientName == "Phantom^Digital"
    z = [float(h.ImagePositionPatient[2]) for h in headers]
    np.testing.assert_allclose(np.diff(z), 3.0)
    assert len({h.SOPInstanceUID for h in headers}) == len(headers)
    expected = "CT" if name.startswith("CT") else name
    assert suggest_role(headers[0]).role == expected


def test_series_share_study_and_frame_of_reference(study):
    first = [pydicom.dcmread(study.files[n][0], stop_before_pixels=True) for n in SERIES]
    assert len({h.FrameOfReferenceUID for h in first}) == 1
    assert len({h.StudyInstanceUID for h in first}) == 1
    assert len({h.SeriesInstanceUID for h in first}) == len(SERIES)
    assert len({str(h.ImagePositionPatient) for h in first}) == 1


def test_truth_lies_where_the_images_lie(study):
    volume = nib.load(study.folder / "truth" / "tissues-label.nii.gz")
    header = pydicom.dcmread(study.files["CT"][5], stop_before_pixels=True)
    x, y, z = (float(v) for v in header.ImagePositionPatient)
    np.testing.assert_allclose(volume.affine @ (0, 0, 5, 1), (-x, -y, z, 1))


@pytest.mark.parametrize("name", ["tissues", "tumor"])
def test_truth_says_that_it_is_synthetic(study, name):
    path = study.folder / "truth" / f"{name}-label.nii.gz"
    assert bytes(nib.load(path).header["descrip"]).startswith(b"SYNTHETIC")
    beside = json.loads(path.with_name(f"{name}-label.json").read_text())
    assert beside["SyntheticData"] == "YES"
    assert beside["Description"].startswith("SYNTHETIC image: truth of the digital head phantom")
    assert "marked as synthetic" in read(path).notes[0]


def test_the_truth_can_be_drawn_on_as_a_mask(study):
    t1 = read(study.folder / "T1", modality="T1")
    mask = read_mask(study.folder / "truth" / "tumor-label.nii.gz", t1)
    assert mask.same_grid(t1) and mask.voxels.any()


def test_independent_validators_find_nothing(study, tmp_path):
    require_dicom3tools()
    for name in SERIES:
        assert object_errors(study.files[name], tmp_path) == []
    assert entity_findings([f for name in SERIES for f in study.files[name]]) == []


def test_contrast_is_that_of_each_weighting(study):
    white, gray, csf = (("white matter",), ("gray matter",), ("csf",))
    bone, scalp, marrow = (("compact bone",), ("fat",), ("diploe",))
    for name in ("T1", "T1c"):
        order = [study.mean(name, *t) for t in (csf, gray, white, scalp)]
        assert order == sorted(order)
        assert study.mean(name, *marrow) > study.mean(name, *white)
    assert study.mean("T2", *csf) > 1.5 * study.mean("T2", *gray)
    assert study.mean("T2", *gray) > 1.2 * study.mean("T2", *white)
    assert study.mean("FLAIR", *csf) < 0.5 * study.mean("FLAIR", *white)
    assert study.mean("FLAIR", *gray) > study.mean("FLAIR", *white)
    for name in ("T1", "T2", "FLAIR", "PD"):
        assert study.mean(name, *bone) < 0.6 * study.mean(name, *white)
        assert study.mean(name, "air") < 0.1 * study.mean(name, *white)


def test_the_tumor_shows_as_tumors_do(study):
    white = {name: study.mean(name, "white matter") for name in SERIES}
    assert study.mean("FLAIR", "edema") > 1.6 * white["FLAIR"]
    assert study.mean("T2", "edema") > 1.6 * white["T2"]
    assert study.mean("T1", "edema") < 0.85 * white["T1"]
    assert study.mean("T1c", "tumor") > 1.5 * white["T1c"] > 1.5 * study.mean("T1", "tumor")
    assert study.mean("T1c", "necrosis") < 0.75 * white["T1c"]
    assert study.mean("CT", "edema") < white["CT"] - 4
    mask = np.asarray(nib.load(study.folder / "truth" / "tumor-label.nii.gz").dataobj)
    assert 8 < mask.sum() * 3 / 1000 < 30  # ml


def test_ct_numbers_are_the_tissues(study):
    for name in ("csf", "white matter", "fat", "muscle", "vitreous", "edema"):
        assert study.mean("CT", name, slices=3) == pytest.approx(TISSUES[name].hu, abs=5), name
    assert study.mean("CT", "gray matter") > study.mean("CT", "white matter") + 3
    around = np.median(study.voxels["CT"][study.inside("air")])  # the head rest lies there too
    assert around == pytest.approx(-1000, abs=8)
    # bone is thin against the pixel: partial volume takes some
    assert 900 < study.mean("CT", "compact bone") < 1500
    assert study.voxels["CT"].max() > 2400  # enamel


def test_low_dose_doubles_the_noise_and_keeps_the_numbers(study):
    full, low = study.voxels["CT"], study.voxels["CT_low_dose"]
    brain = slice(36, 56)
    level = noise_level(full[brain], (1.0, 1.0))
    assert 2.0 < level < 6.0
    assert noise_level(low[brain], (1.0, 1.0)) == pytest.approx(2 * level, rel=0.2)
    inside = study.inside("white matter", "gray matter", "muscle")
    assert abs((low - full)[inside].mean()) < 0.1


def test_volumes_are_those_of_a_head(study):
    litres = {n: (study.tissues == number).sum() * 3e-6 for n, number in LABELS.items()}
    assert 0.45 < litres["white matter"] + litres["edema"] < 0.9
    assert 0.45 < litres["gray matter"] < 1.0
    assert 0.12 < litres["csf"] < 0.45
    assert 4e-3 < litres["thalamus"] < 16e-3
    assert 10e-3 < litres["vitreous"] < 16e-3  # two eyes of 6 to 7 ml
    body = (study.tissues != 0).sum() * 3e-6
    assert 3.0 < body < 5.5


def test_every_tissue_is_somewhere(study):
    rare = {"eye wall", "calcification", "fibrous"}  # thinner than a slice
    missing = [n for n, number in LABELS.items() if not np.any(study.tissues == number)]
    assert set(missing) <= rare


def test_cortex_is_folded(study):
    """The surface of the brain inside the skull is much longer than its outline."""
    row = round((45 + 111) / 3)
    brain = np.isin(
        study.tissues[row], [LABELS[n] for n in ("gray matter", "white matter", "edema")]
    )

    def edge(mask):
        return (mask & ~ndimage.binary_erosion(mask)).sum()

    outline = ndimage.binary_fill_holes(ndimage.binary_closing(brain, iterations=6))
    assert edge(brain) > 2.2 * edge(outline)


def test_a_folder_with_something_in_it_is_refused_and_kept(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not empty"):
        write_demo_study(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture
def coarse_head(monkeypatch):
    """The study of a head in 2 mm: made in a third of the time."""
    monkeypatch.setattr("SynthCore.demo.make_head", lambda seed: make_head(seed, COARSE))


@pytest.mark.usefixtures("coarse_head")
def test_a_failed_study_leaves_nothing(tmp_path):
    def stop(fraction, stage):
        if stage == "T2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_demo_study(tmp_path / "study", progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("coarse_head")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_full_disk_is_a_failure_not_a_wrong_folder(tmp_path, capsys):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))
    try:
        assert main(["demo", "--out", str(tmp_path / "study")]) == 4
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "is full" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "study").write_text("a file")
    with pytest.raises(InputError):
        write_demo_study(tmp_path / "study")


def test_same_seed_same_head_and_another_seed_another_one():
    first, again, other = (make_head(seed, COARSE) for seed in (1, 1, 2))
    labels = [phantom.labels(LABELS).voxels for phantom in (first, again, other)]
    np.testing.assert_array_equal(labels[0], labels[1])
    differ = (labels[0] != labels[2])[labels[0] > 0].mean()
    assert 0.1 < differ < 0.6
    scans = [acquire_mr(phantom, "T1", seed=3).voxels for phantom in (first, again)]
    np.testing.assert_array_equal(*scans)
    scans = [acquire_ct(phantom, seed=3).voxels for phantom in (first, again)]
    np.testing.assert_array_equal(*scans)


def test_a_healthy_head_has_no_tumor():
    labels = make_head(1, COARSE, healthy=True).labels(LABELS).voxels
    assert not np.isin(labels, [LABELS[n] for n in ("tumor", "necrosis", "edema")]).any()
    assert HEAD_GRID.spacing_mm == 1.0


def test_verification_finds_nothing_in_it(study):
    found = verify_folder(study.folder)
    assert found.sentences() == () and len(found.files) > 7 * 60
