"""Calibration where the truth is known: the deviation is found again, and judged rightly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.bench.uncertainty.figures import by_patient, figures, left_out, mean_of
from SynthCore.bench.uncertainty.fit import fit, hats
from SynthCore.bench.uncertainty.into_card import into_card
from SynthCore.bench.uncertainty.observe import Observed, cubes, gather
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.models.bundle import open_bundle
from SynthCore.models.uncertainty import Calibration
from Testing.engine.conftest import an_identity_bundle as an_identity_bundle
from Testing.engine.test_uncertainty import calibration as a_block

KNOTS = (-100.0, 0.0, 100.0, 500.0)
TRUE = Calibration(("flip-i",), KNOTS, (10.0, 5.0, 20.0, 60.0), (0.5, 3.0, 1.0, 2.0))
PLAIN = Calibration(("flip-i",), KNOTS, (20.0, 40.0, 40.0, 120.0), (0.0, 0.0, 0.0, 0.0))
SHAPE = (20, 35, 35)


def patient(name: str, seed: int, bias: float = 0.0) -> Observed:
    """Errors that are as normal and as large as `TRUE` says, and a bias that it knows not of."""
    rng = np.random.default_rng(seed)
    voxels = rng.uniform(-100, 500, SHAPE).astype(np.float32)
    spread = rng.gamma(2.0, 8.0, SHAPE).astype(np.float32)
    error = rng.normal(0, TRUE.deviation(voxels, spread)) + bias
    truth = Image((voxels - error).astype(np.float32), make_affine((2.0, 2.0, 4.0)), "CT", "HU")
    return gather(name, "made", voxels, spread, truth, np.ones(SHAPE, dtype=np.bool_))


def test_the_deviation_is_found_again() -> None:
    found = fit([patient("A", 1), patient("B", 2)], ("flip-i",), KNOTS)
    assert np.allclose(found.floor, TRUE.floor, rtol=0.25, atol=2)
    assert np.allclose(found.factor, TRUE.factor, rtol=0.15, atol=0.25)
    other = patient("C", 3)
    stated = found.deviation(other.value, other.spread)
    assert np.allclose(stated, TRUE.deviation(other.value, other.spread), rtol=0.15)


def test_a_right_calibration_covers_what_it_says() -> None:
    found = figures(patient("C", 3), TRUE, PLAIN)
    assert found.within_1 == pytest.approx(0.683, abs=0.01)
    assert found.within_2 == pytest.approx(0.954, abs=0.005)
    assert found.ratio == pytest.approx(1, abs=0.02)
    assert found.correlation == pytest.approx(found.attainable, abs=0.02)
    assert 0.4 < found.correlation < 0.9
    assert found.by_number < found.correlation - 0.02, "the spread tells more than the number"
    flat = replace(patient("C", 3), spread=np.zeros(np.prod(SHAPE), np.float32))
    told = figures(flat, TRUE, TRUE)
    assert told.by_number == told.correlation
    # independent errors cancel in the mean of a cube, and one bias does not
    assert found.cubes_ratio < 0.1
    assert figures(patient("C", 3, bias=60.0), TRUE, PLAIN).cubes_ratio > 0.9
    # along a beam they cancel, too, and one sign is the least that can be said
    assert found.paths == 8 and found.paths_together_within_1 == 1
    assert figures(patient("C", 3, bias=60.0), TRUE, PLAIN).paths_within_1 < 0.5
    soft = next(t for t in found.tissues if t.name == "soft_tissue")
    assert abs(soft.error) < soft.stated


def test_each_patient_is_judged_by_the_others() -> None:
    odd = patient("odd", 4, bias=150.0)
    rows = left_out([patient("A", 1), patient("B", 2), odd], ("flip-i",), KNOTS)
    by_name = by_patient(rows)
    assert by_name["odd"]["within_2"] < 0.75, "nothing of it was in its own calibration"
    assert by_name["A"]["within_2"] > 0.97
    mean = mean_of(by_name)
    assert mean["within_2"] == pytest.approx(np.mean([row["within_2"] for row in by_name.values()]))


def test_patients_count_alike_however_many_voxels_they_have() -> None:
    one, two = patient("A", 1), patient("B", 2, bias=100.0)
    few = replace(
        two, value=two.value[::50], spread=two.spread[::50], error=two.error[::50],
        cube=two.cube[::50], tissue=two.tissue[::50], place=two.place[::50],
    )  # fmt: skip
    alike = fit([one, two], ("flip-i",), KNOTS)
    assert np.allclose(fit([one, few], ("flip-i",), KNOTS).floor, alike.floor, rtol=0.2)


def test_hats_add_up_to_one() -> None:
    weights = hats(np.array([-500, -50, 0, 77, 900], dtype=np.float32), KNOTS)
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.allclose(weights[1], (0.5, 0.5, 0, 0))


def test_cubes_are_of_two_centimeters_and_well_filled() -> None:
    mask = np.zeros((10, 20, 30), dtype=np.bool_)
    mask[:5, :10, :24] = True  # 5 mm x 2 mm x 2 mm voxels: cubes of 4 x 10 x 10
    found = cubes(mask, (2.0, 2.0, 5.0))
    assert len(np.unique(found[:4, :10, :20])) == 2
    assert np.all(found[:4, :10, 20:] == -1), "four tenths of a cube are measured"
    assert np.all(found[4:, :, :] == -1)


def test_a_calibration_goes_into_the_card_of_its_own_weights(
    an_identity_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    folder = an_identity_bundle()
    page = folder / "docs" / "README.md"
    page.parent.mkdir()
    page.write_text("# identity\n\n## Known failures\n\n- all\n", encoding="utf-8")
    sha = open_bundle(folder).card.weights_sha256
    block = tmp_path / "block.json"
    rows = by_patient([figures(patient("A", 1), TRUE, PLAIN)])
    measured = mean_of(rows) | {"patients": 1, "by_patient": rows, "cube_mm": 20, "data": "made",
                                "mask": "all", "command": "a test"}  # fmt: skip
    told = {"weights_sha256": sha, "measured": measured}
    block.write_text(json.dumps(a_block("flip-i") | told))
    into_card(folder, block)
    into_card(folder, block)
    text = page.read_text(encoding="utf-8")
    assert text.count("## Uncertainty") == 1
    assert "68% of the errors lay within one and 95% within two" in text
    assert text.endswith("## Known failures\n\n- all\n")
    known = open_bundle(folder).card.uncertainty
    assert known is not None and known.changes == ("flip-i",)
    block.write_text(json.dumps(a_block("flip-i") | {"weights_sha256": "0" * 64}))
    with pytest.raises(InputError, match="other weights"):
        into_card(folder, block)
    assert open_bundle(folder).card.uncertainty is not None
