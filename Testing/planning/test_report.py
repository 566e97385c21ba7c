"""The page and the PDF: the same content, whole pages, nothing past the margin."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from scipy import ndimage

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.files.made_by import made_by
from SynthCore.planning.acceptance import DEFAULTS
from SynthCore.planning.dose_check import DoseComparison
from SynthCore.planning.dvh import make_dvh
from SynthCore.planning.pdf_pages import text_width, wrap
from SynthCore.planning.plan_check import check
from SynthCore.planning.profiles import along, lines_through, parse_line
from SynthCore.planning.report import render_content
from SynthCore.planning.report_content import Content, make_content, sections_of
from SynthCore.planning.report_pdf import write_pdf
from Testing.planning.test_checks import BEAMS, leg, shifted, study
from Testing.planning.test_plan_check_command import write


@pytest.fixture(scope="module")
def content() -> Content:
    """A check with a dose on both CTs."""
    real = leg()
    given = study(shifted(real, 20), real)
    mask = given.structures["PTV"]
    dose = ndimage.gaussian_filter(mask.astype(np.float32), 2)
    on = [real.with_voxels(50 * dose * f / dose.max(), modality="", unit="Gy") for f in (1, 1.02)]
    made, after = (make_dvh("PTV", one.voxels, mask, 16.0) for one in on)
    histograms = {"PTV": (made, after)}
    doses = DoseComparison("protons", "a test", on[0], on[1], histograms, (), 50.0)
    found = replace(check(given, beams=BEAMS), doses=(doses,))
    return make_content(given, found, model="a <model>", checked_by="J. Roe")


def test_the_pdf_has_a4_pages_and_is_written_once(content: Content, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "report.pdf", content)
    data = path.read_bytes()
    boxes = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", data)
    assert len(boxes) > 3
    for wide, high in boxes:
        assert (float(wide), float(high)) == pytest.approx((595.28, 841.89), abs=0.1)
    with pytest.raises(InputError, match="already"):
        write_pdf(path, content)
    assert not list(tmp_path.glob(".partial-*"))


def test_lines_are_no_wider_than_they_may_be() -> None:
    text = (
        f"Voxels' SHA-256 {'ab' * 32} of a Mean signed error in WWWW, within \N{PLUS-MINUS SIGN}2"
    )
    for size in (6.5, 10.5):
        lines = wrap(text, 120.0, size)
        font = FontProperties(family="DejaVu Sans")
        for line in lines:
            # the outline of the letters, by another part of matplotlib
            assert TextPath((0, 0), line, size=size, prop=font).get_extents().width < 121.5
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert text_width("wide", 10, bold=True) > text_width("wide", 10)


def test_page_and_pdf_show_who_with_what_and_every_check(content: Content) -> None:
    page = render_content(content)
    labels = [label for label, _ in content.facts]
    assert {"Checked", "Thresholds", "Density", "Made by", "Synthetic CT", "Software"} <= set(
        labels
    )
    assert "by J. Roe" in page and "a &lt;model&gt;" in page
    assert page.count("data:image/png") == len(content.pictures)
    titles = [picture.title for picture in content.pictures]
    assert {"Isodoses, protons", "Profiles", "CT numbers and density"} <= set(titles)
    page = unescape(page)
    assert all(row.title in page for section in content.sections for row in section.rows)


def test_every_bound_says_whose_it_is() -> None:
    real = leg()
    found = check(study(real, real), beams=BEAMS)
    rows = [row for section in sections_of(found) for row in section.rows]
    assert all(bool(row.limit) == bool(row.source) for row in rows)
    assert {row.source for row in rows if row.limit} == {DEFAULTS.source, "this program"}


def test_a_profile_is_read_where_the_line_goes() -> None:
    image = leg()
    distance, values = along(parse_line("0,60,20/118,60,20"), image)
    expected = np.interp(distance / 2, np.arange(60), image.voxels[5, 30])
    assert values == pytest.approx(expected, abs=0.5)
    body = image.voxels > -300
    lines = lines_through(body, body, image)
    names = [line.name.partition(", (")[0] for line in lines]
    assert names == ["right to left", "front to back", "foot to head"]
    assert lines[2].name.endswith(")") and " to (" in lines[2].name
    assert lines[0].end[0] - lines[0].start[0] == pytest.approx(2 * 46 + 20, abs=2.1)
    for text in ("1,2,3", "1,2/3,4", "a,b,c/d,e,f", "1,2,3/1,2,3", "1,2,3/nan,2,3"):
        with pytest.raises(InputError, match="not a line"):
            parse_line(text)


def test_an_image_without_a_record_was_made_by_something_unknown() -> None:
    assert made_by(leg()).text == ""


def test_the_command_refuses_before_it_computes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = str(write(tmp_path / "made.nii.gz", leg().voxels))
    there = tmp_path / "there.pdf"
    there.write_bytes(b"")
    for arguments, why in (
        (["--pdf", str(there)], "already"),
        (["--pdf", str(tmp_path / "no" / "a.pdf")], "folder"),
        (["--pdf", str(tmp_path / "a"), "--out", str(tmp_path / "a")], "one name"),
        (["--sr", str(tmp_path / "a.dcm")], "belongs to a DICOM series"),
        (["--register", "rigid"], "--reference"),
        (["--profile", "0"], "not a line"),
    ):
        assert main(["plan-check", made, *arguments, "--json"]) == 2
        assert why in capsys.readouterr().out
    assert there.read_bytes() == b""
