"""The page as text: what is in it, what is not, and how large it is."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.teaching.case import Arrow, KeyImage
from SynthCore.teaching.page import render_page, write_page
from SynthCore.teaching.stacks import Detail, stack
from SynthCore.teaching.study import Study, read_study
from Testing.teaching.a_head import LESION


def cases_in(page: str) -> list[dict]:
    found = re.search(r'<script type="application/json" id="cases">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found.group(1))


def pixels(address: str) -> np.ndarray:
    return np.asarray(Pillow.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))


@pytest.fixture(scope="module")
def a_page(a_study: Study) -> str:
    return render_page([a_study])


def test_nothing_is_loaded_from_anywhere(a_page: str) -> None:
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!data:)[a-z]+:""", a_page)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", a_page))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, never fetched
    assert "default-src 'none'" in a_page and "unsafe-inline" not in a_page


def test_what_belongs_to_the_answer_is_not_to_be_read(a_page: str) -> None:
    open_part = a_page.replace('"Glioma"', "", 1)  # one of the choices
    for words in ("Glioma", "tumor", "Thick ring", "enhancing", "ring sign", "Tumor"):
        assert words not in open_part
    sealed = json.loads(base64.b64decode(cases_in(a_page)[0]["sealed"]))
    assert sealed["answer"] == "Glioma" and sealed["right"] == 1 and sealed["truth"] == "Tumor"


def test_no_header_and_no_path_is_in_it(a_page: str, a_folder: Path) -> None:
    for words in ("Phantom", "PHANTOM", "MPRAGE", "2024", str(a_folder), "Gadobutrol", "1.2.826"):
        assert words not in a_page


def test_every_slice_has_a_picture_in_every_window(a_page: str) -> None:
    for series in cases_in(a_page)[0]["series"]:
        for pictures in series["pictures"]:
            assert len(pictures) == len(series["slices"])
        first = pixels(series["pictures"][0][0])
        assert first.shape == (series["height"], series["width"])
        assert max(first.shape) >= 320  # a coarse volume is drawn large enough to read the mark


def test_synthetic_is_burnt_into_what_is_synthetic_and_into_nothing_else(a_page: str) -> None:
    marked, unmarked, _ = cases_in(a_page)[0]["series"]
    assert marked["synthetic"] and marked["compare"]["synthetic"] and not unmarked["synthetic"]
    corner = (slice(-24, None), slice(0, 110))
    for pictures in (*marked["pictures"], *marked["compare"]["pictures"]):
        assert all(pixels(one)[corner].max() > 200 for one in pictures)
    assert all(pixels(one)[corner].max() < 60 for one in unmarked["pictures"][0][4:-4])


def test_the_truth_lies_on_the_lesion(a_page: str) -> None:
    series = cases_in(a_page)[0]["series"][0]
    number = max(
        (n for n, one in enumerate(series["truth"]) if one),
        key=lambda n: np.count_nonzero(pixels(series["truth"][n])),
    )
    inside = pixels(series["truth"][number]) > 0
    picture = pixels(series["pictures"][0][number]).astype(float)
    assert picture[inside].mean() > picture[~inside & (picture > 40)].mean() + 60
    assert sum(one is not None for one in series["truth"]) == 5  # 28 mm in steps of 6


def test_a_key_image_is_on_its_slice_and_its_arrow_points_at_the_lesion(a_page: str) -> None:
    case = cases_in(a_page)[0]
    key = json.loads(base64.b64decode(case["sealed"]))["keys"][0]
    series = case["series"][key["series"]]
    assert series["slices"][key["slice"]]["place"] == LESION[2]
    truth = pixels(series["truth"][key["slice"]]) > 0
    rows, columns = np.nonzero(truth)
    x, y = key["arrows"][0]["head"]
    off = np.hypot(
        x * truth.shape[1] - columns.mean() - 0.5, y * truth.shape[0] - rows.mean() - 0.5
    )
    assert off < 0.03 * max(truth.shape)
    assert key["picture"] and key["window"]["label"] == "W 900 L 700"


def test_a_case_is_escaped_in_every_text(a_study: Study) -> None:
    evil = "</script><script>document.title='taken'</script>&<b>"
    case = replace(a_study.case, title=evil, history=evil, question=evil, choices=(evil, "b"),
                   answer=evil, discussion=evil, author=evil, category=evil)  # fmt: skip
    page = render_page([replace(a_study, case=case)])
    assert "<script>document" not in page
    assert page.count("<script") == 2 and page.count("</script") == 2
    assert cases_in(page)[0]["title"] == evil


def test_a_page_becomes_small_enough_or_is_refused(a_study: Study, a_page: str) -> None:
    size = len(a_page.encode())
    smaller = render_page([a_study], largest=int(0.8 * size))
    assert len(smaller.encode()) <= 0.8 * size
    kept = {one["number"] for one in cases_in(smaller)[0]["series"][0]["slices"]}
    assert 13 in kept  # the key image's
    with pytest.raises(InputError, match="fewer cases or series"):
        render_page([a_study], largest=10_000)


def test_nothing_is_written_over(a_study: Study, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not written over"):
        write_page(path, [a_study])
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KeyImage("T1c", slice=21), "slice 21, but T1c has 20"),
        (KeyImage("T1c", point=(500, 0, 0)), "outside T1c"),
        (KeyImage("T1c", slice=2, arrows=(Arrow(LESION),)), "from the slice that is shown"),
    ],
)
def test_a_key_image_that_is_nowhere_is_refused(a_study: Study, key: KeyImage, words: str) -> None:
    study = replace(a_study, case=replace(a_study.case, key_images=(key,)))
    with pytest.raises(InputError, match=words):
        render_page([study])


def test_states_on_different_grids_are_refused(a_study: Study, tmp_path: Path) -> None:
    image = a_study.series[0].image
    moved = Image(image.voxels[1:], image.affine)
    write_nifti(moved, tmp_path / "moved.nii.gz", record_json=None)
    first = replace(a_study.case.series[0], compare=str(tmp_path / "moved.nii.gz"))
    case = replace(a_study.case, series=(first,), key_images=(), truth="")
    with pytest.raises(InputError, match="different grids"):
        read_study(case)


def test_a_truth_of_few_slices_is_on_the_page(a_study: Study) -> None:
    """Its button would show nothing, and the page perhaps no picture of the finding."""
    one = next(series for series in a_study.series if series.truth is not None)
    study = replace(a_study, case=replace(a_study.case, key_images=()), series=(one,))
    assert one.cut.plane == "axial" and one.truth is not None
    for number in range(one.cut.count):
        thin = np.zeros_like(one.truth.voxels)
        thin[number, 20:30, 20:30] = True
        small = replace(one, truth=one.truth.with_voxels(thin))
        made = stack(replace(study, series=(small,)), small, Detail(4, 64, 70))
        assert sum(picture is not None for picture in made["truth"]) == 1, number


def test_series_of_one_grid_have_the_same_slices(a_study: Study) -> None:
    first, second, *_ = a_study.series
    assert first.image.same_grid(second.image) and first.cut.plane == second.cut.plane
    body = second.body.copy()
    body[:3] = False  # as if it were found from another slice on
    study = replace(a_study, series=(first, replace(second, body=body)))
    numbers = [
        [one["number"] for one in stack(study, series, Detail(6, 64, 70))["slices"]]
        for series in study.series
    ]
    assert numbers[0] == numbers[1] and len(numbers[0]) > 3


def test_states_whose_files_have_another_order_of_voxels_are_shown_as_one(
    a_study: Study, tmp_path: Path
) -> None:
    image = a_study.series[0].image
    affine = np.array(image.affine)  # posterior to anterior, and slices stored as columns
    affine[:3, 3] += affine[:3, 1] * (image.shape[1] - 1)
    affine[:3, :3] = (affine[:3, :3] * (1, -1, 1))[:, [0, 2, 1]]
    turned = Image(image.voxels[:, ::-1].transpose(1, 0, 2), affine)
    write_nifti(turned, tmp_path / "turned.nii.gz", record_json=None)
    first = replace(a_study.case.series[0], compare=str(tmp_path / "turned.nii.gz"))
    case = replace(a_study.case, series=(first,), key_images=(), truth="")
    compare = read_study(case).series[0].compare
    assert compare is not None and compare.same_grid(image)
    assert np.allclose(compare.voxels, image.voxels, atol=1e-3)


def test_a_truth_that_lies_nowhere_is_refused(a_study: Study, tmp_path: Path) -> None:
    far = np.array(a_study.series[0].image.affine)
    far[:3, 3] += 5000
    write_nifti(Image(np.ones((3, 3, 3), np.uint8), far), tmp_path / "far.nii.gz", record_json=None)
    with pytest.raises(InputError, match="lies outside the image"):
        read_study(replace(a_study.case, truth=str(tmp_path / "far.nii.gz")))


def test_the_command_makes_a_case_to_fill_in_and_a_page(
    a_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["teach", "--new", str(tmp_path / "case.toml")]) == 0
    assert "[[series]]" in (tmp_path / "case.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    case, out = str(a_folder / "case.toml"), tmp_path / "out"
    assert main(["teach", case, "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["cases"] == 1 and said["synthetic"] is True
    assert said["bytes"] == (out / "class-page.html").stat().st_size
    assert main(["teach", case, "--out", str(out)]) == 2
    assert "nothing is written over" in capsys.readouterr().err
    assert main(["teach", case]) == 2
