"""The table of a study, and the order made of it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from SynthCore.errors import InputError
from SynthCore.readers.design import (
    concerns,
    concerns_of,
    design,
    neighbors,
    spacing_wanted,
)
from SynthCore.readers.table import Entry, read_table

IMAGES = ["0f" * 32, "a7" * 32]
HEAD = "image,truth,case,role,window,center,clue,clue_point\n"
GOOD = HEAD + (
    "a.nii.gz,real,case 1,t1,0 900,,,\n"
    'b.nii.gz,Synthetic,case 1,T1,,1 2 3,"no, ""vessels""",4.5 -30 7\n'
)


def table(folder: Path, text: str) -> Path:
    path = folder / "images.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read_with_windows_of_roles_and_centers_of_cases(tmp_path: Path) -> None:
    real, made = read_table(table(tmp_path, "\ufeff" + GOOD))
    assert real == Entry(2, str(tmp_path / "a.nii.gz"), "real", "case 1", "T1", (0, 900), (1, 2, 3))
    assert made.truth == "synthetic" and made.window == (0, 900)
    assert made.clue == 'no, "vessels"' and made.clue_point == (4.5, -30, 7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,truth,case\na,real,c\nb,synthetic,c\n", "needs the column role"),
        ("image,truth,case,role,age\na,real,c,T1,3\n", "a column 'age'"),
        (HEAD + "a,real,c,T1,,,,\n", "1 images: give 2"),
        (HEAD + "a,real,c,T1,,,,\nb,real,c,T1,,,,\n", "only real images"),
        (HEAD + "a,fake,c,T1,,,,\nb,real,c,T1,,,,\n", "Line 2 .* truth 'fake'"),
        (HEAD + "a,real,,T1,,,,\nb,synthetic,c,T1,,,,\n", "Line 2 .* has no case"),
        (HEAD + "a,real,c,T7,,,,\nb,synthetic,c,T1,,,,\n", "T7"),
        (HEAD + "a,real,c,T1,9 1,,,\nb,synthetic,c,T1,,,,\n", "not the lower one"),
        (HEAD + "a,real,c,T1,1,,,\nb,synthetic,c,T1,,,,\n", "not 2 numbers"),
        (HEAD + "a,real,c,T1,1 nan,,,\nb,synthetic,c,T1,,,,\n", "not 2 numbers"),
        (HEAD + "a,real,c,T1,0 5,,,\nb,synthetic,c,T1,0 6,,,\n", "Line 3 .* another window"),
        (HEAD + "a,real,c,T1,,1 2 3,,\nb,synthetic,c,T1,,1 2 4,,\n", "another center"),
        (HEAD + "a,real,c,T1,,,,1 2\nb,synthetic,c,T1,,,,\n", "clue_point that is not 3"),
        (HEAD + f"a,real,c,T1,,,{'x' * 1001},\nb,synthetic,c,T1,,,,\n", "clue of more than"),
        (HEAD + f"a,real,{'x' * 65},T1,,,,\nb,synthetic,c,T1,,,,\n", "case of more than"),
        (HEAD + "a,real,c,T1,,,,,extra\n", "more cells"),
    ],
)
def test_a_wrong_table_is_refused_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(table(tmp_path, text))


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not there"):
        read_table(tmp_path / "none.csv")


def pairs(count: int) -> list[Entry]:
    return [
        Entry(n + 2, "x", "synthetic" if n % 2 else "real", f"case {n // 2}", "T1")
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [2, 3, 5, 20, 21, 120])
@pytest.mark.parametrize("seed", range(5))
def test_order_and_repeats(count: int, seed: int) -> None:
    entries = pairs(count)
    order = design(entries, IMAGES, seed)
    repeats = [one for one in order if one.repeats]
    assert len(repeats) == max(1, int(0.1 * count + 0.5))
    assert sorted(one.image for one in order if not one.repeats) == list(range(count))
    place = {one.id: n for n, one in enumerate(order)}
    assert len(place) == len(order)
    for one in repeats:
        first = order[place[one.repeats]]
        assert first.image == one.image and not first.repeats
        gap = place[one.id] - place[first.id]
        assert gap >= min(spacing_wanted(len(order)), count)
    by_truth = Counter(entries[one.image].truth for one in repeats)
    assert abs(by_truth["real"] - by_truth["synthetic"]) <= 1
    if count > 3:
        cases = [entries[one.image].case for one in order]
        assert all(a != b for a, b in pairwise(cases))


@pytest.mark.parametrize(("cases", "each", "most"), [(3, 8, 0), (2, 10, 0), (4, 5, 0), (1, 6, 6)])
def test_few_cases_are_mixed_as_well_as_they_can_be(cases: int, each: int, most: int) -> None:
    entries = [
        Entry(n + 2, "x", "synthetic" if n % 2 else "real", f"case {n % cases}", "T1")
        for n in range(cases * each)
    ]
    for seed in range(4):
        order = design(entries, IMAGES, seed)
        place = {one.id: n for n, one in enumerate(order)}
        for one in order:
            if one.repeats:
                gap = place[one.id] - place[one.repeats]
                assert gap >= min(spacing_wanted(len(order)), len(entries))
        names = [entry.case for entry in entries]
        count = neighbors([one.image for one in order], names)
        # two cases by turns leave no choice: a repeat may have to stand beside its case
        assert count <= most + 2 * (cases == 2)
        said = concerns_of(order, names)
        assert bool(said) is bool(count) and all("follows another" in one for one in said)


def test_names_are_no_numbers_for_a_spreadsheet() -> None:
    assert all(one.id[0] in "abc" for seed in range(20) for one in design(pairs(40), IMAGES, seed))


def test_seeds() -> None:
    entries = pairs(20)
    assert design(entries, IMAGES, 1) == design(entries, IMAGES, 1)
    assert [one.image for one in design(entries, IMAGES, 1)] != [
        one.image for one in design(entries, IMAGES, 2)
    ]
    assert not {one.id for one in design(entries, IMAGES, 1)} & {
        one.id for one in design(entries, IMAGES, 2)
    }


def test_order_tells_nothing_of_truth() -> None:
    """Over many seeds, every place is as often real as synthetic."""
    entries = pairs(20)
    real = [
        [entries[one.image].truth == "real" for one in design(entries, IMAGES, seed)]
        for seed in range(300)
    ]
    share = [sum(column) / 300 for column in zip(*real, strict=True)]
    assert all(0.37 < one < 0.63 for one in share)


def test_what_could_tell_is_told() -> None:
    entries = pairs(20)
    assert concerns(entries) == ()
    assert "9 of 19" in concerns(entries[1:])[0]
    roles = [
        Entry(2, "x", "real", "a", "T1"),
        Entry(3, "x", "synthetic", "a", "FLAIR"),
    ]
    assert [c for c in concerns(roles) if "Every FLAIR image is synthetic" in c]
    twice = [*entries, *entries]
    assert any("not independent" in c for c in concerns(twice))


def test_who_guesses_the_seed_does_not_find_the_order_again() -> None:
    """The ids stand in the page that is handed out; what the images are does not."""
    entries = pairs(20)
    order, other = design(entries, IMAGES, 7), design(entries, IMAGES[:1], 7)
    assert not {one.id for one in order} & {one.id for one in other}
    assert [one.image for one in order] != [one.image for one in other]
