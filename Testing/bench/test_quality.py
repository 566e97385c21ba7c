"""The table of every model on every real case: its figures, its files, its pages."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.bench.quality.case import QualityCase
from SynthCore.bench.quality.cases import CASES, find_cases
from SynthCore.bench.quality.inpaint_cases import _note
from SynthCore.bench.quality.page import file_name, write_case, write_index
from SynthCore.bench.quality.peers import WATER_HU
from SynthCore.bench.quality.run import _trained_on, run
from SynthCore.bench.quality.score import Scores, interval_of_difference, score
from SynthCore.bench.quality.table import as_text, store, summaries
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.models.library import is_built_in, list_bundles
from SynthCore.training.inpaint.heads import list_heads


def case() -> QualityCase:
    rng = np.random.default_rng(0)
    truth = Image(rng.uniform(-900, 900, (12, 24, 24)), make_affine((1.0, 1.0, 3.0)), "CT", "HU")
    area = np.zeros(truth.shape, dtype=bool)
    area[:, 4:20, 4:20] = True
    lesion = np.zeros(truth.shape, dtype=bool)
    lesion[4:6, 8:10, 8:10] = True
    return QualityCase(
        "ct-denoise", "a case", "someone", {"CT": truth}, "CT", truth, "synthrad2023", area,
        "body", lesion,
    )  # fmt: skip


def test_errors_are_counted_where_they_lie() -> None:
    given = case()
    wrong = np.where(given.lesion, 50.0, 0.0) + np.where(given.area, 10.0, 2.0)
    made = given.reference.with_voxels(given.reference.voxels + wrong)
    found = score(made, given)
    assert found.lesion == pytest.approx(60.0, abs=1e-3)
    share = float(np.mean(given.lesion[given.area]))
    assert found.area == found.signed == pytest.approx(10 + 50 * share, abs=1e-3)
    inside = float(np.mean(given.area))
    assert found.whole == pytest.approx(found.area * inside + 2 * (1 - inside), abs=1e-3)


def test_mr_is_compared_without_regard_to_its_unit() -> None:
    given = case()
    truth = Image(np.abs(given.reference.voxels), given.reference.affine, "T2", "1")
    mr = replace(given, reference=truth, preset="brasyn", target="T2")
    assert score(truth.with_voxels(truth.voxels * 7.5), mr).area == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("task", "given"), [("inpaint", "T2"), ("super-resolution", "T2")])
def test_gray_levels_count_where_the_input_has_them(task: str, given: str) -> None:
    base = case()
    truth = Image(np.abs(base.reference.voxels), base.reference.affine, given, "1")
    kept = replace(
        base, task=task, inputs={given: truth}, reference=truth, preset="brasyn", target=given
    )
    half = score(truth.with_voxels(truth.voxels * np.where(base.area, 0.5, 1)), kept)
    area = truth.voxels[base.area]
    mean = 100 * 0.5 * float(area.mean() / np.percentile(area, 99.5))
    assert half.area == pytest.approx(mean, rel=0.01) == -half.signed


def test_the_interval_of_a_difference_holds_it() -> None:
    rng = np.random.default_rng(1)
    counts = np.full(60, 100.0)

    def scores(error: float) -> Scores:
        sums = counts * (error + rng.normal(0, 1, 60))
        return Scores(0, 0, 0, error, 0, 0, np.stack([sums, counts], axis=1))

    mean, low, high = interval_of_difference(scores(10), scores(7))
    assert low < 3 < high and low < mean < high and high - low < 2
    same = scores(5)
    assert interval_of_difference(same, same) == (0, 0, 0)


@pytest.mark.data
def test_a_row_says_whether_its_model_was_trained_on_the_patient(real_data: Path) -> None:
    waiting = find_cases(real_data)
    told = {
        (bundle.name, one.patient): _trained_on(bundle, one.patient)
        for one in waiting
        for bundle in list_bundles(one.task)[0]
        if is_built_in(bundle.name)
    }
    brains = {one.patient for one in waiting if one.task == "mr-sequence"}
    assert len(brains) == 5
    for patient in brains:
        for model in ("mr-sequence-brain", "mr-sequence-regression"):
            assert told[model, patient] == "yes"
    # generated heads taught it, and limbs are nothing that its card speaks of
    heads = {told.pop(key) for key in [key for key in told if key[0] == "mr-to-ct-head"]}
    assert heads == {"unknown"}
    learned = {key: yes for key, yes in told.items() if yes}
    assert {name for name, _ in told} - {name for name, _ in learned} == {
        "mr-to-ct-bulk-density", "ct-denoise-nlm", "cbct-to-ct-correction", "inpaint-biharmonic",
        "super-resolution-spline",
    }  # fmt: skip
    others = {yes for (name, _), yes in learned.items() if not name.startswith("mr-sequence")}
    assert others == {"no"}


@pytest.mark.data
def test_a_glioma_is_named_for_whose_it_is(real_data: Path) -> None:
    notes = {
        head.patient: _note(head)
        for head in list_heads(real_data)
        if head.patient in ("TCGA-FG-6692", "cstar_stroke")
    }
    assert "the patient's own" in notes["TCGA-FG-6692"]
    assert "another patient's" in notes["cstar_stroke"]


def test_an_unknown_task_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no real cases of 'cure'"):
        find_cases(tmp_path, ["cure"])
    with pytest.raises(InputError, match="--data FOLDER"):
        find_cases(tmp_path)


@pytest.mark.data
def test_every_task_with_cases_finds_them(real_data: Path) -> None:
    found = find_cases(real_data)
    assert {case.task for case in found} == set(CASES)
    assert len({(case.task, case.name) for case in found}) == len(found)


@pytest.mark.data
def test_a_real_case_goes_through_every_model_and_onto_a_page(
    real_data: Path, tmp_path: Path
) -> None:
    one = next(
        c for c in find_cases(real_data, ["mr-to-ct"]) if "STS_010" in c.name and "rigid" in c.name
    )
    told: list[str] = []
    done = next(run([one], real_data, lambda _, what: told.append(what)))
    rows = {row.model: row for row in done.rows}
    learned, classical = rows["mr-to-ct-extremity"], rows["mr-to-ct-bulk-density"]
    assert told == ["mr-to-ct: STS_010 from T1, CT rigid"]
    assert learned.trained_on == "no" and learned.baseline == "mr-to-ct-bulk-density"
    assert learned.less == pytest.approx(classical.area - learned.area, rel=1e-6)
    assert learned.area < classical.area < rows["all water"].area
    water = done.images["all water"].voxels == WATER_HU  # in the whole body, not in its core alone
    assert np.count_nonzero(water) > 1.1 * np.count_nonzero(done.case.area)
    assert learned.less_low < learned.less < learned.less_high
    assert np.isfinite(learned.lesion)
    page = write_case(done, tmp_path)
    assert page.read_text("utf-8").count("data:image/png") == 3
    store(done.rows, tmp_path)
    write_index(done.rows, [("a case", page)], tmp_path)
    assert page.name in (tmp_path / "index.html").read_text("utf-8")
    with (tmp_path / "quality.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(done.rows)
    kept = json.loads((tmp_path / "quality.json").read_text("utf-8"))
    assert {row["model"] for row in kept["rows"]} == set(rows)
    assert "mr-to-ct-extremity" in as_text(done.rows)
    assert any(s["model"] == "mr-to-ct-extremity" for s in summaries(done.rows))


def test_names_of_files_are_plain() -> None:
    assert file_name("mr-sequence", "A/B: T2 from T1+FLAIR") == "mr-sequence-a-b-t2-from-t1-flair"
