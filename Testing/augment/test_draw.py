"""What a seed draws, and how patients are dealt to training and test."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.augment.draw import draw, plan_hash
from SynthCore.augment.split import split_patients
from SynthCore.augment.studies import Study
from SynthCore.augment.wishes import WishRow
from SynthCore.errors import InputError

STUDIES = tuple(
    Study(name, patient, n, {"T1": Path("Muster_Anna.nii.gz")})
    for n, (name, patient) in enumerate([("Muster", 1), ("Beispiel", 1), ("x", 2)], start=1)
)
ROWS = (
    WishRow("ms-plaques", (0.5, 8.0), ("periventricular", "cortical"), images=30, lesions=2),
    WishRow("metastasis", (1.0, 1.0), contrast=(0.5, 1.5), images=4, studies=("x",)),
)


def test_the_same_seed_draws_the_same_and_another_something_else() -> None:
    first = draw(ROWS, STUDIES, 3)
    assert plan_hash(first) == plan_hash(draw(ROWS, STUDIES, 3))
    assert plan_hash(first) != plan_hash(draw(ROWS, STUDIES, 4))
    seeds = [w.seed for plan in first for tries in plan.wishes for w in tries]
    assert len(set(seeds)) == len(seeds)


def test_a_row_keeps_its_draws_when_another_follows() -> None:
    alone, both = draw(ROWS[:1], STUDIES, 3), draw(ROWS, STUDIES, 3)
    assert [p.wishes for p in alone] == [p.wishes for p in both[:30]]


def test_studies_take_turns_and_rows_choose_theirs() -> None:
    plans = draw(ROWS, STUDIES, 0)
    assert Counter(p.study.name for p in plans[:30]) == {"Muster": 10, "Beispiel": 10, "x": 10}
    assert {p.study.name for p in plans[30:]} == {"x"}
    assert [p.name for p in plans[:2]] == ["sub-0001", "sub-0002"]
    with pytest.raises(InputError, match="asks for a study"):
        draw([WishRow("metastasis", (1.0, 1.0), studies=("nobody",))], STUDIES, 0)


def test_what_is_drawn_lies_in_its_range_and_volumes_are_even_on_a_logarithmic_scale() -> None:
    wishes = [w for p in draw(ROWS, STUDIES, 1)[:30] for tries in p.wishes for w in tries]
    volumes = np.array([w.volume_ml for w in wishes])
    assert volumes.min() >= 0.5 and volumes.max() <= 8.0
    assert np.median(volumes) == pytest.approx(2.0, rel=0.25)
    assert Counter(w.site for w in wishes).keys() == {"periventricular", "cortical"}
    one = draw(ROWS, STUDIES, 1)[-1].wishes[0][0]
    assert one.volume_ml == 1.0 and 0.5 <= one.contrast <= 1.5


def test_a_side_and_a_region_are_drawn_beside_what_was_drawn_before() -> None:
    row = replace(ROWS[0], sides=("left", "right"), regions=("frontal", "deep"))
    plain, placed = (draw([one], STUDIES, 1) for one in (ROWS[0], row))
    before, after = ([w for p in plans for t in p.wishes for w in t] for plans in (plain, placed))
    assert {(w.side, w.region) for w in before} == {(None, None)}
    found = Counter((w.side, w.region) for w in after)
    assert len(found) == 4 and min(found.values()) > 0.15 * len(after)
    assert [replace(w, side=None, region=None) for w in after] == before


def test_no_name_and_no_path_stands_in_a_plan() -> None:
    text = json.dumps([plan.to_dict() for plan in draw(ROWS, STUDIES, 0)])
    assert "Muster" not in text and "nii" not in text


def test_each_patient_is_in_one_part_and_shares_are_kept() -> None:
    parts = split_patients(range(100), (0.7, 0.15, 0.15), 5)
    assert Counter(parts.values()) == {"train": 70, "validation": 15, "test": 15}
    assert parts == split_patients(list(range(100)) * 3, (0.7, 0.15, 0.15), 5)
    assert parts != split_patients(range(100), (0.7, 0.15, 0.15), 6)


@pytest.mark.parametrize(
    ("count", "shares", "expected"),
    [
        (1, (0.7, 0.15, 0.15), {"train": 1}),
        (2, (0.7, 0.15, 0.15), {"train": 1, "test": 1}),
        (3, (0.7, 0.15, 0.15), {"train": 1, "validation": 1, "test": 1}),
        (4, (1.0, 0.0, 0.0), {"train": 4}),
        (4, (0.0, 0.0, 1.0), {"test": 4}),
    ],
)
def test_few_patients_are_trained_on_first(
    count: int, shares: tuple[float, float, float], expected: dict[str, int]
) -> None:
    assert Counter(split_patients(range(count), shares, 0).values()) == expected


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(InputError, match="sum to 1"):
        split_patients([1], (0.5, 0.1, 0.1), 0)
