"""Tables that a person writes: what is read of them, and how a wrong line is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from SynthCore.augment.studies import read_studies
from SynthCore.augment.wishes import read_wishes
from SynthCore.errors import InputError


def wishes(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "wishes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_ranges_sites_and_counts_are_read(tmp_path: Path) -> None:
    path = wishes(
        tmp_path,
        "kind,volume_ml,site,contrast,images,lesions,studies",
        "ms-plaques,0.5-3,periventricular; cortical,0.5-1.2,10,2,a;b",
        "metastasis,1,,,,,",
    )
    first, second = read_wishes(path)
    assert first.volume_ml == (0.5, 3.0) and first.contrast == (0.5, 1.2)
    assert first.sites == ("periventricular", "cortical") and first.studies == ("a", "b")
    assert (first.images, first.lesions, first.line) == (10, 2, 2)
    assert second.volume_ml == (1.0, 1.0) and second.sites == () and second.images == 1


def test_sides_and_regions_are_read(tmp_path: Path) -> None:
    path = wishes(
        tmp_path, "kind,volume_ml,side,region", "metastasis,1,left,frontal; temporal", "glioma,3,,"
    )
    first, second = read_wishes(path)
    assert (first.sides, first.regions) == (("left",), ("frontal", "temporal"))
    assert (second.sides, second.regions) == ((), ())


def test_a_point_is_read(tmp_path: Path) -> None:
    path = wishes(tmp_path, "kind,volume_ml,at", "metastasis,1,-10.5 20 3")
    assert read_wishes(path)[0].at == (-10.5, 20.0, 3.0)


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        ("kind,volume_ml", "wart,1", "Line 2 .* no kind of lesion 'wart'"),
        ("kind,volume_ml", "glioma,0.001", "Line 2 .* ask for"),
        ("kind,volume_ml", "glioma,1-900", "Line 2 .* 900 ml"),
        ("kind,volume_ml", "glioma,3-1", "volume_ml is not a number above 0 or a range"),
        ("kind,volume_ml", "glioma,nan", "not a finite number"),
        ("kind,volume_ml", "glioma,", "volume_ml is not given"),
        ("kind,volume_ml,images", "glioma,1,0", "images is not a whole number"),
        ("kind,volume_ml,at", "glioma,1,3 4", "at is not three numbers"),
        ("kind,volume_ml,site", "glioma,1,moon", "no site 'moon'"),
        ("kind,volume_ml,side", "glioma,1,middle", "Line 2 .* no side 'middle'"),
        ("kind,volume_ml,region", "lung-nodule-solid,1,frontal", "Line 2 .* of the brain"),
        ("kind,volume_ml,size", "glioma,1,2", "column 'size'"),
        ("kind,site", "glioma,", "needs the column volume_ml"),
        ("kind,volume_ml", "glioma,1,2", "more cells than columns"),
        ("kind,volume_ml", "", "0 lines"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(
    tmp_path: Path, header: str, line: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_wishes(wishes(tmp_path, header, line))


def test_studies_are_numbered_and_their_paths_lie_beside_the_table(tmp_path: Path) -> None:
    for name in ("a.nii.gz", "b.nii.gz", "m.nii.gz"):
        (tmp_path / name).write_bytes(b"12")
    path = tmp_path / "studies.csv"
    path.write_text(
        "study,patient,T1,FLAIR,mask\none,Muster,a.nii.gz,b.nii.gz,m.nii.gz\n"
        "two,Muster,a.nii.gz,,\nthree,,,b.nii.gz,\n",
        encoding="utf-8",
    )
    one, two, three = read_studies(path)
    assert [s.patient for s in (one, two, three)] == [1, 1, 2]
    assert set(one.paths) == {"T1", "FLAIR"} and one.mask == tmp_path / "m.nii.gz"
    assert one.size == 6 and two.mask is None and three.number == 3


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("study,T1", "a,not-there.nii.gz"), "T1 is not a file or folder that is there"),
        (("study,T1", "a,"), "has no image"),
        (("study,T1", ",x.nii.gz"), "study is not given"),
        (("study,T1", "a,x.nii.gz", "a,x.nii.gz"), "names a study twice"),
        (("study,XR", "a,x.nii.gz"), "column 'XR'"),
        (("study,T1", "a," + "x" * 5000), "not a file or folder"),
    ],
)
def test_studies_that_cannot_be_read_are_told(
    tmp_path: Path, lines: tuple[str, ...], message: str
) -> None:
    (tmp_path / "x.nii.gz").write_bytes(b"1")
    path = tmp_path / "studies.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_studies(path)
