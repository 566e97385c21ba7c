"""Doses, prescriptions and uncertainties that do not fit the study they are given with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.dicom.rt.dose import Dose
from SynthCore.dicom.rt.plan import Plan, PlannedBeam
from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.planning.dose_check import dose_check
from SynthCore.planning.plan_check import check
from SynthCore.planning.study import Paths, Study, read_study
from SynthCore.planning.study_from_images import study_of_images
from SynthCore.planning.study_objects import doses_of
from Testing.planning.test_checks import by_id, doses, leg, shifted, study
from Testing.slicer.rt_files import write_rt_dose


def test_a_target_is_covered_by_the_dose_all_but_a_voxel() -> None:
    real, made = doses(1.01)
    mask = np.zeros(real.shape, dtype=np.uint8)
    mask[1:, 26:34, 34:42] = 1
    structures = {"one": real.with_voxels(mask, modality="", unit="")}
    small, other = (Image(one.voxels[:11], one.affine, unit="Gy") for one in (real, made))
    dose_check(small, other, structures, (), None, all_criteria=False)
    with pytest.raises(InputError, match="holds 91% of the structure one"):
        dose_check(small, other, structures, ("one",), None, all_criteria=False)


def dosed(summation: str, prescription: float) -> Study:
    """One in which the dose on the synthetic CT is 3% higher, of a plan of so many Gy."""
    given = study(leg(), shifted(leg(), 5))
    images = doses(1.03)
    mask = np.zeros(leg().shape, dtype=bool)
    mask[4:8, 20:30, 20:30] = True
    plan = Plan("", "", "", "", (PlannedBeam("one", ((0.0, 0.0),)),),
                prescription)  # fmt: skip
    pair = tuple(Dose(image, "", "", "", "PHYSICAL", summation) for image in images)
    return replace(
        given, doses=(pair[0], pair[1]), plan=plan, structures={**given.structures, "organ": mask}
    )


def test_a_dose_of_a_fraction_is_not_held_against_the_plans_prescription() -> None:
    pytest.importorskip("pymedphys", reason="pymedphys is not installed")
    whole, part = (check(dosed(name, 70.0)) for name in ("PLAN", "FRACTION"))
    organ = [by_id(found.findings, "organ_dose").value for found in (whole, part)]
    assert whole.doses[0].prescription_gy == 70.0 and 50 < part.doses[0].prescription_gy < 60
    assert organ[1] / organ[0] == pytest.approx(70 / part.doses[0].prescription_gy)
    assert any("those of a fraction" in note for note in part.notes)
    with pytest.raises(InputError, match="prescription of 6000 Gy is far from the 5"):
        check(dosed("PLAN", 60.0), prescription_gy=6000.0)
    with pytest.raises(InputError, match="prescription of 2 Gy is far from the 5"):
        check(dosed("PLAN", 2.0))


def test_one_dose_given_twice_or_of_two_patients_is_refused(tmp_path: Path) -> None:
    real, made = doses(1.03)
    one, other, stranger, framed = (
        write_rt_dose(tmp_path / f"{n}.dcm", image, patient=patient, frame=frame)
        for n, (image, patient, frame) in enumerate(
            [(real, "ANNA", "1.2.3"), (made, "ANNA", "1.2.3"), (made, "BERT", "1.2.3"),
             (made, "ANNA", "1.2.4")])
    )  # fmt: skip
    assert doses_of((one, other), None, leg()) is not None
    for second, why in (
        (one, "two doses are one, voxel for voxel"),
        (stranger, "dose on the synthetic CT belongs to another patient"),
        (framed, "dose on the synthetic CT belongs to another frame of reference"),
    ):
        with pytest.raises(InputError, match=why):
            doses_of((one, second), None, leg())
    with pytest.raises(InputError, match="two doses are one"):
        study_of_images(leg(), doses=(real, real.with_voxels(real.voxels.copy())))


def test_an_uncertainty_of_elsewhere_is_refused(tmp_path: Path) -> None:
    deviation = leg().with_voxels(np.where(leg().voxels > -300, 20.0, 0.0).astype(np.float32))
    ct = write_nifti(leg(), tmp_path / "ct.nii.gz", record_json=None)
    far = deviation.affine.copy()
    far[2, 3] += 24.0  # half of the leg
    for affine, why in ((deviation.affine, ""), (far, "covers 50% of the patient")):
        path = tmp_path / f"sd{len(why)}.nii.gz"
        write_nifti(replace(deviation, affine=affine), path, record_json=None)
        paths = Paths(ct, uncertainty=path)
        if why:
            with pytest.raises(InputError, match=why):
                read_study(paths)
        else:
            assert read_study(paths).uncertainty is not None


def test_a_dose_that_ends_in_the_target_is_refused_on_either_ct() -> None:
    """Its missing half would count as 0 Gy: a failure of the synthetic CT that is one of export."""
    real, made = doses(1.01)
    mask = np.zeros(real.shape, dtype=np.uint8)
    mask[1:11, 26:34, 34:42] = 1
    structures = {"PTV": real.with_voxels(mask, modality="", unit="")}
    half = Image(made.voxels[:6], made.affine, unit="Gy")
    with pytest.raises(InputError, match=r"50% of the structure PTV \(dose on the synthetic CT\)"):
        dose_check(real, half, structures, ("PTV",), None, all_criteria=False)
    with pytest.raises(InputError, match=r"50% of the structure PTV \(dose on the real CT\)"):
        dose_check(half, made, structures, ("PTV",), None, all_criteria=False)


def test_gamma_leaves_out_what_one_dose_lacks_and_names_its_parameters() -> None:
    pytest.importorskip("pymedphys", reason="pymedphys is not installed")
    real, made = doses(1.0)
    shorter = Image(made.voxels[:9], made.affine, unit="Gy")
    found, comparison = dose_check(real, shorter, {}, (), None, all_criteria=False)
    reason = found[-1].reason
    assert comparison.gammas[0].pass_percent == 100.0
    assert comparison.gammas[0].voxels < (real.voxels > 6).sum()
    assert "without the 25.0% beyond the synthetic CT's dose grid" in reason
    assert np.isnan(found[-1].value)  # and so it passes no site's threshold
    assert "10 linear steps" in reason and "searched up to 2" in reason
    assert comparison.prescription_of == "maximum, no prescription and no target given"
