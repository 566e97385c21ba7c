"""The folder of a study: the same again from the same seed, and blind."""

from __future__ import annotations

import base64
import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import make_affine
from SynthCore.readers.make import Options, make_study
from SynthCore.readers.page import covered, items_of, policy, render_page, write_page
from SynthCore.readers.pictures import NOTICE
from SynthCore.readers.study import Study, open_key, open_study
from Testing.readers.studies import CLUE, phantom_pair, write_table


def every_file(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.json")}


def test_same_table_and_seed_make_the_same_study(
    images_table: Path, made_once: Path, tmp_path: Path
) -> None:
    make_study(images_table, tmp_path / "again", Options(seed=4, title='Heads & "tails" <1>'))
    first, again = every_file(made_once), every_file(tmp_path / "again")
    assert first.keys() == again.keys() and len(first) == 25
    assert [name for name in first if first[name] != again[name]] in ([], ["record.json"])
    other, _ = make_study(images_table, tmp_path / "other", Options(seed=5))
    assert not set(other.items) & set(open_study(made_once).items)


def test_what_readers_get_tells_nothing(study: Study, images_table: Path) -> None:
    """No name, case, role, hash, path or truth in the page, the study or the pictures."""
    key = json.loads((study.folder / "key.json").read_text())
    seen = {
        "record": (study.folder / "record.json").read_text(),
        "page": render_page(study),
        "served": render_page(study, served=True),
        "study": (study.folder / "study.json").read_text(),
        **{p.name: p.read_text() for p in (study.folder / "pictures").iterdir()},
    }
    secret = ["case 1", "T1", "patient", "made", "nii", "too smooth", "truth:", '"truth"', "seed",
              str(images_table.parent), *(one["sha256"] for one in key["images"])]  # fmt: skip
    for name, text in seen.items():
        if name in ("page", "served"):
            start = text.index('id="data">')  # the script has words of its own
            text = text[start : text.index("</script>", start)]
        pictures = [s for item in study.items for s in study.slices(item)]
        for one in sorted(set(pictures), key=len, reverse=True):
            text = text.replace(one, "")  # base64 may spell anything
        # "T1" stands in each time between ten and eight
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:", "", text)
        found = [word for word in secret if word in text]
        assert not found, name
    assert {len(study.slices(item)) for item in key["items"]} == {3}
    assert len({p.stat().st_mtime_ns for p in (study.folder / "pictures").iterdir()}) == 1
    assert "9 of 20" not in seen["record"] and "concerns" in key


def test_pictures_are_alike_but_for_what_they_show(study: Study) -> None:
    truths = open_key(study)
    heads = set()
    for item in study.items:
        data = [base64.b64decode(one) for one in study.slices(item)]
        heads |= {(one[:33], NOTICE.encode() in one) for one in data}
        repeated = truths[item].repeats
        assert not repeated or study.slices(item) == study.slices(repeated)
    assert len(heads) == 1  # signature and header: size, depth, kind
    assert {header[1] for header in heads} == {True}


def test_the_folder_says_what_it_is(study: Study) -> None:
    text = (study.folder / "README.txt").read_text()
    assert text.startswith(NOTICE) and "keep it from readers" in text
    for name in ("study.json", "key.json", "record.json"):
        assert json.loads((study.folder / name).read_text())["notice"] == NOTICE
    record = json.loads((study.folder / "record.json").read_text())
    key = json.loads((study.folder / "key.json").read_text())
    assert key["seed"] == 4 and record["frame"]["plane"] == "axial"
    assert len(key["images"]) == record["images"] == 20
    assert str(Path.home()) not in json.dumps([record, key])
    assert not list(study.folder.rglob("*.png"))


def test_clues_are_kept_with_their_place(study: Study) -> None:
    truths = open_key(study).values()
    made = [one for one in truths if one.truth == "synthetic"]
    assert {one.clue for one in made} == {CLUE}
    assert {(one.place.slice, round(one.place.column, 2)) for one in made if one.place} == {
        (1, round((20 + 89.5) / 3, 2))
    }
    assert all(one.place is None and not one.clue for one in truths if one.truth == "real")


def test_concerns_and_refusals_by_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real, made = phantom_pair(1)
    write_nifti(real, tmp_path / "a.nii.gz", record_json=None)
    smaller = make_affine((2.5, 2.5, 2.5), made.origin)
    finer = type(made)(made.voxels, smaller, modality="T1")
    write_nifti(finer, tmp_path / "b.nii.gz", record_json=None, origin="test")
    rows = [
        {"image": "a.nii.gz", "truth": "real", "case": "1", "role": "T1"},
        {"image": "b.nii.gz", "truth": "synthetic", "case": "2", "role": "T1"},
    ]
    table = write_table(tmp_path / "t.csv", rows)
    out = tmp_path / "out"
    command = ["readers", "design", str(table), "--out", str(out), "--json"]
    assert main(command) == 0
    said = json.loads(capsys.readouterr().out)
    assert any("voxels of different size" in one for one in said["concerns"])
    assert said["items"] == 3
    assert main(command) == 2
    assert "not empty" in capsys.readouterr().err
    rows[1]["clue_point"] = "500 0 0"
    write_table(table, rows)
    command[4] = str(tmp_path / "other")
    assert main(command) == 2
    assert "Line 3 of t.csv has a clue_point outside" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
    for options in (["--plane", "oblique"], ["--title", ""], ["--slices", "99"]):
        assert main([*command, *options]) == 2
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("study.json", lambda text: text.replace('"schema": 1', '"schema": 9')),
        ("study.json", lambda text: text[:-9]),
        ("study.json", lambda text: text.replace('"items": ["', '"items": ["../../x')),
        ("study.json", lambda text: "[" * 100000),
        ("key.json", lambda text: text.replace("real", "maybe")),
        ("key.json", lambda text: text.replace('"study": "', '"study": "0')),
        ("key.json", lambda text: "[]"),
    ],
)
def test_a_damaged_study_is_refused(study: Study, name: str, change: object) -> None:
    path = study.folder / name
    path.write_text(change(path.read_text()))  # type: ignore[operator]
    with pytest.raises(InputError):
        open_key(open_study(study.folder))


def test_damaged_pictures_are_refused(study: Study) -> None:
    path = study.folder / "pictures" / f"{study.items[0]}.json"
    for slices in (["<script>", "a", "b"], ["AAAA"], None):
        path.write_text(json.dumps({"slices": slices}))
        with pytest.raises(InputError, match="damaged"):
            study.slices(study.items[0])
    with pytest.raises(InputError, match="no such item"):
        study.slices("../../etc")


def test_a_page_without_the_key_needs_no_key(study: Study, tmp_path: Path) -> None:
    (study.folder / "key.json").unlink()
    write_page(tmp_path / "page.html", study)
    with pytest.raises(InputError, match="nothing is written over"):
        write_page(tmp_path / "page.html", study)
    page = (tmp_path / "page.html").read_text()
    assert "Heads &amp; &#34;tails&#34; &lt;1&gt;" in page
    assert policy(served=False).replace("'", "&#39;") in page
    assert "unsafe" not in policy(served=True) and "http" not in page.replace("http-equiv", "")


def test_a_teaching_page_holds_the_truth_covered(study: Study) -> None:
    key = open_key(study)
    page = render_page(study, key=key)
    for item in items_of(study, key):
        assert not key[item].repeats and item in page
    assert "synthetic images" not in page and "too smooth" not in page
    assert covered("text \N{GREEK SMALL LETTER MU}", "abc") != covered("text", "abd")


def test_tables_open_safely_in_a_spreadsheet(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"study": study.id, "reader": "a", "item": study.items[0], "confidence": 2,
              "realism": 3, "anatomy": 3, "consistency": 3, "seconds": 2,
              "comment": '=HYPERLINK("http://x")'}  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"answers": [answer]}))
    out = tmp_path / "report.html"
    assert main(["readers", "report", str(study.folder), str(path), "--out", str(out)]) == 0
    with (tmp_path / "results.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["comment"].startswith("'=")
    assert "not defined" in capsys.readouterr().out  # one answer has no AUC
    assert "&#34;http://x&#34;" in out.read_text()


def test_a_constant_image_is_refused(tmp_path: Path) -> None:
    real, made = phantom_pair(1)
    write_nifti(real, tmp_path / "a.nii.gz", record_json=None)
    flat = made.with_voxels(np.ones(made.shape, dtype=np.float32))
    write_nifti(flat, tmp_path / "b.nii.gz", record_json=None, origin="test")
    rows = [
        {"image": "a.nii.gz", "truth": "real", "case": "1", "role": "T1"},
        {"image": "b.nii.gz", "truth": "synthetic", "case": "2", "role": "T1"},
    ]
    with pytest.raises(InputError, match=r"Line 3 of t\.csv: b\.nii\.gz is constant"):
        make_study(write_table(tmp_path / "t.csv", rows), tmp_path / "out", Options())
    assert not (tmp_path / "out").exists()
