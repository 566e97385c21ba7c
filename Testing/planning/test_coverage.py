"""What one of the two CTs lacks: errors that lie there and beams that enter there are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.planning.path_length import Beam
from SynthCore.planning.plan_check import PlanCheck, check
from SynthCore.planning.study import Paths, read_study
from SynthCore.planning.study_from_images import study_of_images
from SynthCore.planning.surroundings import surroundings
from Testing.planning.test_checks import by_id, leg, shifted
from Testing.slicer.rt_files import write_rt_structures


def part(image: Image, start: tuple[int, int, int], stop: tuple[int, int, int]) -> Image:
    """Voxels [k, j, i] from `start` to `stop`, where they lie."""
    affine = image.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array(start[::-1], dtype=float)
    voxels = image.voxels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
    return replace(image, voxels=np.ascontiguousarray(voxels), affine=affine)


def target(grid: Image, slices: tuple[int, int] = (4, 8)) -> Image:
    mask = np.zeros(leg().shape, dtype=np.uint8)
    mask[slices[0] : slices[1], 26:34, 34:42] = 1
    whole = leg().with_voxels(mask, modality="", unit="")
    first = np.linalg.inv(leg().affine) @ grid.affine[:, 3]
    start = tuple(int(n) for n in np.rint(first[:3][::-1]))
    stop = tuple(a + n for a, n in zip(start, grid.shape, strict=True))
    return part(whole, start, stop)  # type: ignore[arg-type]


def checked(
    synthetic: Image, real: Image, *, aim: bool = True, register: bool = False
) -> PlanCheck:
    study = study_of_images(
        synthetic, reference=real, structures={"PTV": target(synthetic)} if aim else {},
        register="rigid" if register else None,
    )  # fmt: skip
    return check(study, beams=(Beam(0),))


def test_errors_where_the_real_ct_shows_nothing_are_not_accepted() -> None:
    bad = leg().with_voxels(leg().voxels.copy())
    bad.voxels[:5][bad.voxels[:5] > -300] += 400
    found = checked(bad, part(leg(), (6, 0, 0), (12, 60, 60)))
    body, aim = (by_id(found.findings, f"covered_{name}") for name in ("body", "target"))
    assert body.value == pytest.approx(50) and aim.value == pytest.approx(50)
    assert body.light == aim.light == found.light == "fail"
    assert "The real CT shows 50% of the body in the synthetic CT" in found.verdict
    alone = checked(bad, part(leg(), (6, 0, 0), (12, 60, 60)), aim=False)
    assert alone.light == "fail" and by_id(alone.findings, "covered_body").light == "fail"


def test_an_mr_that_goes_on_beyond_the_real_ct_is_told_and_fails_nothing() -> None:
    found = checked(leg(), part(leg(), (2, 0, 0), (12, 60, 60)))
    body, aim = (by_id(found.findings, f"covered_{name}") for name in ("body", "target"))
    assert body.value == pytest.approx(100 * 10 / 12, abs=0.1) and body.light == "warn"
    assert aim.light == "pass" and found.light == "warn"
    alone = checked(leg(), part(leg(), (2, 0, 0), (12, 60, 60)), aim=False)
    assert by_id(alone.findings, "covered_body").light == "fail"


@pytest.mark.parametrize(("spacing", "slices"), [(1.0, 121), (0.9375, 61), (0.7, 91), (0.5, 101)])
def test_thin_slices_that_hold_all_of_the_body_cut_nothing_off(spacing: float, slices: int) -> None:
    """The real CT goes on at both ends: what lies there is not beside the synthetic CT."""
    j, i = np.mgrid[:60, :60]
    plane = np.where(np.hypot(j - 30, i - 30) < 20, 40.0, -1000.0).astype(np.float32)
    real = Image(np.repeat(plane[np.newaxis], 90, axis=0), make_affine((2.0, 2.0, 3.0)), "CT", "HU")
    affine = make_affine((2.0, 2.0, spacing), origin=(12.0, 12.0, 60.0))
    inner = np.repeat(plane[np.newaxis, 6:54, 6:54], slices, axis=0)
    around = surroundings(Image(inner, affine, "CT", "HU"), real)
    assert around is not None and around.share() == around.share_of_largest() == 1.0


def test_a_real_ct_that_is_longer_and_wider_is_the_usual_one() -> None:
    made = part(shifted(leg(), 1), (2, 2, 2), (10, 58, 58))
    found = checked(made, leg())
    assert found.light in ("pass", "warn")
    for name in ("covered_body", "covered_target", "beside_target", "beside_body"):
        one = by_id(found.findings, name)
        assert (one.value, one.light) == (100.0, "pass"), name
    assert any("goes 16 mm beyond the synthetic CT along" in note for note in found.notes)
    same = checked(shifted(leg(), 1), leg())
    assert by_id(same.findings, "covered_body").light == "pass"
    assert not [f for f in same.findings if f.id.startswith("beside_")]


@pytest.mark.parametrize("register", [False, True])
@pytest.mark.parametrize("aim", [True, False])
def test_a_body_that_the_synthetic_ct_cuts_off_beside_the_target_is_not_accepted(
    aim: bool, register: bool
) -> None:
    """Path lengths agree: on the synthetic CT's grid both bodies end at the same place."""
    found = checked(part(shifted(leg(), 1), (0, 0, 24), (12, 60, 60)), leg(), aim=aim,
                    register=register)  # fmt: skip
    one = by_id(found.findings, "beside_target")
    assert one.light == found.light == "fail" and 50 < one.value < 75
    assert all(f.light != "fail" for f in found.findings if f.group == "range")
    assert "is cut off: beams that enter there are too short" in one.reason


def test_the_other_leg_is_told_and_fails_nothing() -> None:
    pair = np.concatenate([leg().voxels, leg().voxels], axis=2)
    both = replace(leg(), voxels=pair)
    found = checked(shifted(leg(), 1), both)
    aim, whole = (by_id(found.findings, f"beside_{name}") for name in ("target", "body"))
    assert (aim.light, aim.value) == ("pass", 100.0)
    assert whole.light == "warn" and whole.value == pytest.approx(50, abs=1)
    assert found.light == "warn"


def test_sideways_is_sideways_however_the_voxels_are_stored() -> None:
    cut = part(shifted(leg(), 1), (0, 0, 24), (12, 60, 60))
    turned = replace(cut, voxels=np.ascontiguousarray(cut.voxels.transpose(2, 1, 0)),
                     affine=cut.affine[:, [2, 1, 0, 3]])  # fmt: skip
    study = study_of_images(turned, reference=leg())
    assert study.around is not None and study.around.along == 2
    other = study_of_images(cut, reference=leg()).around
    assert other is not None
    assert study.around.share() == pytest.approx(other.share(), abs=0.01)


def files(folder: Path, synthetic: Image, slices: tuple[int, int]) -> tuple[Path, Path]:
    mask = target(leg(), slices)
    return (write_nifti(synthetic, folder / "made.nii.gz", record_json=None),
            write_nifti(mask, folder / "mask.nii.gz", record_json=None))  # fmt: skip


def test_a_target_that_the_synthetic_ct_does_not_hold_is_refused(tmp_path: Path) -> None:
    made, mask = files(tmp_path, part(leg(), (6, 0, 0), (12, 60, 60)), (4, 8))
    with pytest.raises(InputError, match="50% of the target PTV lies outside the synthetic CT"):
        read_study(Paths(made, masks={"PTV": mask}))
    with pytest.raises(InputError, match="50% of the target femur lies outside"):
        read_study(Paths(made, masks={"femur": mask}), ("femur",))
    # of an organ the part that is there counts, and the rest is told
    notes = read_study(Paths(made, masks={"femur": mask})).notes
    assert (
        "The structure femur: the mask was resampled to the image's grid by nearest neighbor."
        in (notes)
    )
    assert any(
        note.startswith("The structure femur: 50% of the mask lie outside") for note in notes
    )


def test_a_mask_does_not_take_the_place_of_the_structure_sets(tmp_path: Path) -> None:
    made, mask = files(tmp_path, leg(), (4, 8))
    x, y, z = leg().affine[:3, 3]
    square = [
        np.array([[x + a, y + b, z + 4 * k] for a, b in ((20, 20), (40, 20), (40, 40), (20, 40))])
        for k in range(2, 8)
    ]
    drawn = write_rt_structures(tmp_path / "rs.dcm", {"PTV": ("PTV", square)})
    with pytest.raises(InputError, match="PTV is in the structure set and is given as a mask"):
        read_study(Paths(made, structures=drawn, masks={"PTV": mask}))
    both = read_study(Paths(made, structures=drawn, masks={"PTV2": mask}))
    assert set(both.structures) == {"PTV", "PTV2"}
