"""What a teacher writes is read field by field, and every slip is named."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from SynthCore.errors import InputError
from SynthCore.teaching.case import WindowWish
from SynthCore.teaching.case_file import _CASE, _KEY, _SERIES, parse_case, read_case
from SynthCore.teaching.example import example_text, write_example
from Testing.teaching.a_head import CASE, LESION


def a_table(**changes: object) -> dict[str, object]:
    """The case as a table, with some fields changed."""
    return {**tomllib.loads(CASE), **changes}


def test_every_field_is_read(a_folder: Path) -> None:
    case = read_case(a_folder / "case.toml")
    assert case.title == "A man with headache"
    assert case.choices == ("Abscess", "Glioma", "Nothing") and case.answer == "Glioma"
    assert case.keywords == ("ring sign", "necrosis")
    assert [one.name for one in case.series] == ["T1c", "FLAIR", "T1c sagittal"]
    assert case.series[0].compare == "before" and case.series[0].compare_shown == "answer"
    assert case.series[2].windows == (WindowWish("wide"), WindowWish("", 600, 1000))
    assert case.key_images[0].arrows[0].point == LESION
    assert case.key_images[1].point == LESION and case.key_images[1].shown == "answer"
    assert case.place("T1c") == str(a_folder / "T1c")


def test_json_says_the_same(tmp_path: Path, a_folder: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(a_table()), encoding="utf-8")
    as_json, as_toml = read_case(path), read_case(a_folder / "case.toml")
    assert as_json.series == as_toml.series and as_json.key_images == as_toml.key_images


def test_points_as_slicer_shows_them_are_turned() -> None:
    x, y, z = LESION
    arrow = {"point": [-x, -y, z]}
    key = [{"series": "FLAIR", "arrows": [arrow], "point": [-x, -y, z]}]
    case = parse_case(a_table(coordinates="RAS", key=key), Path())
    assert case.key_images[0].point == LESION == case.key_images[0].arrows[0].point


def test_the_example_is_a_case(tmp_path: Path) -> None:
    path = write_example(tmp_path / "new" / "case.toml")
    assert read_case(path).answer == "High-grade glioma"
    with pytest.raises(InputError, match="not written over"):
        write_example(path)


def test_the_example_with_every_remark_taken_off_is_a_case_too(tmp_path: Path) -> None:
    lines = []
    for line in example_text().splitlines():
        bare = line.removeprefix("# ")
        field = bare.startswith("[") or " = " in bare.partition("#")[0]
        lines.append(bare if field else line)
    case = parse_case(tomllib.loads("\n".join(lines)), tmp_path)
    assert case.truth and case.key_images and case.series[0].compare and case.series[0].synthetic


SERIES = {"role": "CT", "path": "ct"}
KEY = {"series": "T1c", "slice": 3}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "The title of the case is empty"),
        ({"title": 3}, "not a text"),
        ({"titel": "x"}, "unknown field 'titel'"),
        ({"answer": "Tumor"}, "not one of the choices"),
        ({"choices": ["one"], "answer": "one"}, "two or more"),
        ({"choices": "Glioma"}, "not a list"),
        ({"keywords": [1]}, "not a list of texts"),
        ({"series": []}, "shows no images"),
        ({"series": [SERIES, SERIES]}, "Two series are called CT"),
        ({"series": [{"role": "CT"}], "key": []}, "Series 1 has no path"),
        ({"series": [{**SERIES, "plane": "oblique"}]}, "axial, coronal, sagittal"),
        ({"series": [{**SERIES, "windows": ["brian"]}]}, "'brian' of Series 1 is not known"),
        ({"series": [{**SERIES, "windows": [[40, 0]]}]}, "has no width"),
        ({"series": [{**SERIES, "windows": [[40]]}]}, "is not 2 numbers"),
        ({"series": [{**SERIES, "synthetic": "yes"}]}, "true or false"),
        ({"key": [{"series": "T2", "slice": 1}]}, "'T2' that the case does not have"),
        ({"key": [{"series": "T1c"}]}, "neither point nor slice nor arrow"),
        ({"key": [{**KEY, "point": [1, 2, 3]}]}, "a point and a slice"),
        ({"key": [{**KEY, "slice": 0}]}, "whole number from 1"),
        ({"key": [{**KEY, "arrows": [{"label": "x"}]}]}, "Arrow 1 of key image 1 has no point"),
        ({"key": [{**KEY, "arrows": [{"point": [1, 2, True]}]}]}, "is not 3 numbers"),
        ({"truth": {"name": "Tumor"}}, "truth has no path"),
        ({"truth": "mask.nii"}, "not a table"),
        ({"language": "English!"}, "short code"),
        ({"history": "a\x00b"}, "control character"),
        ({"history": "a" * 20_001}, "longer than"),
    ],
)
def test_a_slip_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        parse_case(a_table(**changes), Path())
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "title = ", "is not TOML"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[1]", "not a table"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("missing.toml", None, "is not there"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_case(tmp_path / name)


def test_the_case_of_the_tutorial_is_one() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    case = read_case(docs / "class-page-case.toml")
    assert [arrow.label for arrow in case.key_images[0].arrows] == ["Ring", "Necrosis"]
    assert case.key_images[0].arrows[0].point == (-32.0, 28.0, 30.0)  # RAS in the file


def test_the_tutorial_names_every_field() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "educator.md").read_text("utf-8")
    for field in (*_CASE, *_SERIES, *_KEY):
        assert f"`{field}`" in text or f"[[{field}]]" in text or f"[{field}]" in text, field
