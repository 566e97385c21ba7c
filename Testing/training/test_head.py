"""Generated scans of heads to train on, and the figures their model is judged by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.training.head.data import open_data, whole_scan
from SynthCore.training.head.label_maps import FOLDER, list_heads, load_head
from SynthCore.training.head.recipe import RECIPE
from SynthCore.training.head.sampler import HU_SCALE, NORMALIZATION, HeadSampler
from SynthCore.training.head.study import Acquisition, draw_acquisition, draw_study, make_study
from SynthCore.training.head.surroundings import draw_surroundings, surround
from SynthCore.training.head.validate import open_rays
from Testing.physics.generator.head_map import small_head


@pytest.fixture(scope="module")
def head() -> Anatomy:
    return read_anatomy(torch.from_numpy(small_head()))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / FOLDER).mkdir(parents=True)
    image = Image(small_head(), make_affine((1.0, 1.0, 1.0)))
    for number in (4, 5):
        path = folder / FOLDER / f"training_seg_{number:02d}.nii.gz"
        write_nifti(image, path, record_json=None, origin="a made head")
    return folder


def test_batches_hold_scans_and_their_ct(head: Anatomy) -> None:
    sampler = HeadSampler({"a": head}, 5, 3, 48, at_points=0.5, point_weight=2.0)
    batch = sampler.draw(np.random.default_rng(1))
    assert batch.x.shape == (3, 5, 48, 48)
    assert batch.y.shape == batch.weight.shape == (3, 1, 48, 48)
    assert float(batch.x.min()) >= 0 and float(batch.x.max()) <= NORMALIZATION.high
    assert float(batch.y.min()) >= -1.024 and 0.6 < float(batch.y.max()) < 3.1
    bone = batch.y * HU_SCALE > 300
    assert float(batch.weight[bone].min()) > float(batch.weight[~bone].median()) + 1
    again = HeadSampler({"a": head}, 5, 3, 48, at_points=0.5, point_weight=2.0)
    assert torch.equal(again.draw(np.random.default_rng(1)).x, batch.x)


def test_thick_slices_hold_the_mean_of_what_lies_in_them(head: Anatomy) -> None:
    rng = np.random.default_rng(3)
    thick = draw_study(rng, "T1", Acquisition(0, 6.0, 6.0, 6))
    center = (55.0, 47.0, 47.0)
    _, ct, _ = make_study(thick, head, center, 5, 64)
    thin = type(thick)(thick.person, thick.scan, Acquisition(0, 1.0, 1.0, 1))
    thin_scan = draw_study(np.random.default_rng(3), "T1", thin.acquisition).scan
    _, fine, _ = make_study(type(thick)(thick.person, thin_scan, thin.acquisition), head, center,
                            25, 64)  # fmt: skip
    mean = fine[9:16].mean(dim=0)  # seven slices of 1 mm about the middle, where the profile is
    assert float((ct[2] - mean).abs().median()) < 15
    assert float((ct[2] - mean).abs().mean()) < float((ct[2] - fine[12]).abs().mean())


def test_surroundings_leave_the_head_alone() -> None:
    body = torch.zeros(3, 60, 60, dtype=torch.bool)
    body[:, 20:40, 20:40] = True
    mr = 0.05 + 0.5 * body.float()
    kinds = set()
    for seed in range(40):
        drawn = draw_surroundings(np.random.default_rng(seed))
        made = surround(mr, body, drawn)
        assert torch.equal(made[body], mr[body])
        kinds.add((drawn.masked, float(made[~body].max()) > 0.1))
        if drawn.masked and not drawn.discs:
            assert float(made[:, :10].max()) == 0
    assert len(kinds) == 4


def test_every_kind_of_acquisition_is_drawn() -> None:
    drawn = [draw_acquisition(np.random.default_rng(n)) for n in range(60)]
    assert {one.axis for one in drawn} == {0, 1, 2}
    axial = [one.slice_mm for one in drawn if one.axis == 0]
    assert min(axial) < 1.6 and max(axial) > 5


def test_a_label_map_is_read_once_and_kept(data: Path, tmp_path: Path) -> None:
    first = load_head(data, "training_seg_04", tmp_path)
    again = load_head(data, "training_seg_04", tmp_path)
    for name, value in vars(first).items():
        other = getattr(again, name)
        same = torch.equal(value, other) if isinstance(value, torch.Tensor) else value == other
        assert same, name


def test_kept_heads_are_not_trained_on(data: Path, tmp_path: Path) -> None:
    opened = open_data(RECIPE, data, tmp_path, 0)
    assert opened.patients == ["training_seg_04"]
    assert list(opened.kept) == ["training_seg_05"]
    sampler = opened.sampler(RECIPE.stages[0], torch.nn.Identity())
    assert sampler.patients == ["training_seg_04"]


def test_a_folder_without_label_maps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no label maps"):
        list_heads(tmp_path)


def test_generated_scans_for_the_check_cover_a_head(head: Anatomy) -> None:
    image = whole_scan(head, "T2", np.random.default_rng(2))
    assert image.modality == "T2"
    assert image.shape[0] >= 5 and float(image.voxels.max()) > 0


def _shell(hole: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A skull of 4 mm as a sphere, with a round hole of that angle (degrees) at its top."""
    k, j, i = np.meshgrid(*(np.arange(81) - 40.0,) * 3, indexing="ij")
    radius = np.sqrt(k**2 + j**2 + i**2) + 1e-6
    hu = np.full(radius.shape, -1000.0, dtype=np.float32)
    hu[radius < 36] = 40
    bone = (radius > 28) & (radius < 32)
    hu[bone & (np.degrees(np.arccos(k / radius)) > hole)] = 900
    return hu


def test_open_rays_see_a_hole_and_its_size() -> None:
    center = (40.0, 40.0, 40.0)
    assert open_rays(_shell(-1.0), (1.0, 1.0, 1.0), center) == 0
    found = open_rays(_shell(25.0), (1.0, 1.0, 1.0), center)
    # share of the cap of 25 degrees in the cap of 70
    expected = (1 - np.cos(np.radians(25))) / (1 - np.sin(np.radians(20)))
    assert found == pytest.approx(expected, abs=0.03)
