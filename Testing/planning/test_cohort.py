"""`synthcore commission` on the files of several patients, and tables that it refuses."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.planning.acceptance import DEFAULTS, read_acceptance
from SynthCore.planning.cohort import Checked, check_cohort, summarize
from SynthCore.planning.cohort_report import passed_of, render_cohort
from SynthCore.planning.cohort_table import read_cohort
from SynthCore.planning.density import GENERIC
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.path_length import Beam
from SynthCore.planning.verdict import light_of
from Testing.planning.test_checks import leg, shifted
from Testing.planning.test_plan_check_command import write

SHIFTS = (1.0, 4.0, 8.0, 2.0, 30.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five patients, the last one far off, and one whose file is not there."""
    folder = tmp_path_factory.mktemp("cohort")
    write(folder / "real.nii.gz", leg().voxels)
    lines = ["patient,date,synthetic,reference"]
    for n, shift in enumerate(SHIFTS):
        write(folder / f"made{n}.nii.gz", shifted(leg(), shift).voxels)
        lines.append(f"P{n},2026-0{n + 1}-01,made{n}.nii.gz,real.nii.gz")
    lines.append("=P9,2026-09-01,nowhere.nii.gz,real.nii.gz")
    (folder / "patients.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_cohort_is_checked_and_the_worst_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["commission", str(folder / "patients.csv"), "--out", str(out), "--beam", "0"]
    assert main([*arguments, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"].startswith(
        "4 of 6 patients passed every one of the thresholds that nobod"
    )
    assert "1 did not; 1 could not be checked" in told["verdict"]
    soft = next(c for c in told["checks"] if c["id"] == "me_soft_tissue")
    assert soft["values"] == pytest.approx(SHIFTS, abs=0.01) and soft["worst_patient"] == "P4"
    assert soft["mean"] == pytest.approx(np.mean(SHIFTS), abs=0.01)
    assert soft["spread"] == pytest.approx(np.std(SHIFTS, ddof=1), abs=0.01)
    assert soft["passed"] == 4 and soft["judged"] == 5
    assert not soft["equivalence"]["shown"] and soft["trend"]["per_year"] > 0
    assert sorted(p.name for p in out.iterdir()) == [
        "checks.csv", "cohort.json", "commissioning.html", "patients.csv",
    ]  # fmt: skip
    page = (out / "commissioning.html").read_text("utf-8")
    assert "Not checked" in page and "P4" in page and "not cleared for clinical use" in page
    with (out / "patients.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["patient"] for r in rows} == {"P0", "P1", "P2", "P3", "P4", "'=P9"}
    assert main([*arguments, "--json"]) == 2
    assert "not empty" in capsys.readouterr().out


def test_a_line_that_was_copied_is_no_second_patient(folder: Path) -> None:
    """Nor are semicolons of a spreadsheet an error."""
    table = folder / "copied.csv"
    table.write_text(
        "\ufeffpatient;synthetic;reference\r\nA;made0.nii.gz;real.nii.gz\r\n\r\n"
        "B;made0.nii.gz;real.nii.gz\r\nC;made1.nii.gz;real.nii.gz\r\n", encoding="utf-8", newline=""
    )  # fmt: skip
    made = check_cohort(read_cohort(table), beams=(Beam(0),))
    assert [one.refused for one in made.patients] == [
        "", "The images are those of line 2: give every patient once.", "",
    ]  # fmt: skip


def found(label: str, *values: float, day: date | None = None) -> Checked:
    findings = tuple(
        DEFAULTS.judge(Finding("range", "range_mean", f"Path length, beam {n}", value, "%"))
        for n, value in enumerate(values)
    )
    return Checked(label, 0, day, "pass", "", findings)


def test_nobody_counts_twice_and_what_is_not_judged_is_not_green() -> None:
    def own(label: str, light: Light) -> Checked:
        finding = Finding(
            "plausibility", "metal", "Volume", 1.0, "ml", light, "Metal.", "at most 0"
        )
        return Checked(
            label, 0, None, light_of((finding,), DEFAULTS), "", (DEFAULTS.judge(finding),)
        )

    good = found("A", 0.1)
    one = summarize([good, own("B", "fail")], DEFAULTS, GENERIC["spr"])
    assert one.verdict.startswith("1 of 2 patients") and one.verdict.endswith("; 1 did not.")
    two = summarize([own("A", "warn"), own("B", "warn")], DEFAULTS, GENERIC["spr"])
    assert two.light == "warn" and "to 2 none of them applies" in two.verdict
    metal = next(s for s in two.summaries if s.id == "metal")
    assert (metal.passed, metal.judged, metal.limit) == (0, 2, "expected at most 0")
    three = summarize([good, own("B", "pass")], DEFAULTS, GENERIC["spr"])
    assert three.light == "shown" and "to 1 none of them applies" in three.verdict
    assert summarize([good], DEFAULTS, GENERIC["spr"]).light == "pass"
    near = replace(found("B", 0.8), light="warn")
    told = summarize([good, near], replace(DEFAULTS, signed_by="P", signed_on="2026-03-01"),
                     GENERIC["spr"])  # fmt: skip
    assert told.light == "warn" and told.verdict == (
        "2 of 2 patients passed every one of the site's thresholds of 2026-03-01, 1 of them with a "
        "warning."
    )


def test_beams_are_pooled_and_a_patient_counts_once() -> None:
    made = summarize([found("A", 0.2, 0.4), found("B", -0.6, 0.6), found("C", 0.1)], DEFAULTS,
                     GENERIC["spr"])  # fmt: skip
    (one,) = made.summaries
    assert one.values == pytest.approx((0.3, 0.0, 0.1))
    assert one.worst_patient == "B" and abs(one.worst) == pytest.approx(0.6)
    assert one.equivalence is not None and (one.equivalence.low, one.equivalence.high) == (-1, 1)


def test_a_check_without_a_value_is_counted_and_not_averaged() -> None:
    made = summarize([*dices(0.99, 0.985, 0.991), Checked("Q", 3, None, "fail", "", (
        DEFAULTS.judge(Finding("image", "body_dice", "Overlap", float("nan"), "")),))], DEFAULTS,
        GENERIC["spr"])  # fmt: skip
    (one,) = made.summaries
    assert (one.passed, one.judged, one.undefined, len(one.values)) == (3, 4, 1, 3)
    assert passed_of(one) == "3 of 4 (1 not defined)" and one.equivalence is not None


def test_a_check_without_a_value_in_anyone_or_in_one_beam_is_not_green() -> None:
    def undefined(label: str) -> Checked:
        finding = Finding("image", "body_dice", "Overlap", float("nan"), "")
        return Checked(label, 0, None, "fail", "", (DEFAULTS.judge(finding),))

    nobody = summarize([undefined("A"), undefined("B")], DEFAULTS, GENERIC["spr"])
    (one,) = nobody.summaries
    assert (one.passed, one.judged, one.undefined, one.values) == (0, 2, 2, ())
    assert passed_of(one) == "0 of 2 (2 not defined)"
    page = render_cohort(nobody)
    assert "0 of 2 (2 not defined)" in page and "nan" not in page
    half = summarize([found("A", 0.1, float("nan")), found("B", 0.1, 0.2)], DEFAULTS,
                     GENERIC["spr"])  # fmt: skip
    (two,) = half.summaries
    assert (two.passed, two.judged, two.undefined) == (1, 2, 0)


def test_lines_with_one_patient_id_are_told() -> None:
    one, two = found("A", 0.1), replace(found("B", 0.2), again=True)
    made = summarize([one, two], DEFAULTS, GENERIC["spr"])
    assert "; B with the patient ID of an earlier line" in made.verdict


def test_a_site_states_its_own_margin(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("[limits]\nrange_mean = { absolute = 1.0 }\n[equivalence]\nrange_mean = 0.05\n")
    made = summarize([found(n, 0.1) for n in "ABC"], read_acceptance(site), GENERIC["spr"])
    assert made.summaries[0].equivalence is not None and not made.summaries[0].equivalence.shown
    for text, why in (("nothing = 1", "of no check"), ("range_mean = -1", "not a positive number")):
        site.write_text(f"[equivalence]\n{text}\n")
        with pytest.raises(InputError, match=why):
            read_acceptance(site)


def dices(*values: float) -> list[Checked]:
    return [
        Checked(f"P{n}", 0, None, "pass", "", (
            DEFAULTS.judge(Finding("image", "body_dice", "Overlap", value, "")),))
        for n, value in enumerate(values)
    ]  # fmt: skip


def test_a_margin_of_what_should_be_high_is_tested_on_that_side(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    for limits in ("[limits]\nbody_dice = { least = 0.9 }\n", ""):
        site.write_text(f"{limits}[equivalence]\nbody_dice = 0.98\n")
        thresholds = read_acceptance(site)
        good, bad = (
            summarize(dices(*values), thresholds, GENERIC["spr"]).summaries[0].equivalence
            for values in ((0.990, 0.991, 0.993, 0.992), (0.85, 0.88, 0.90, 0.87))
        )
        assert good is not None and good.shown and good.low == 0.98 and good.high is None
        assert bad is not None and not bad.shown


def test_the_worst_is_the_one_that_is_worst() -> None:
    for name, values, worst in (
        ("registration_shrinks", (0.95, 0.1, -0.2), "P2"),
        ("median_fat", (-95.0, -98.0, -60.0), "P2"),
    ):
        told = [
            Checked(f"P{n}", 0, None, "pass", "", (Finding("registration", name, name, value, ""),))
            for n, value in enumerate(values)
        ]
        (one,) = summarize(told, DEFAULTS, GENERIC["spr"]).summaries
        assert one.worst_patient == worst


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "needs the column"),
        ("patient,synthetic\n", "0 patients"),
        ("patient,synthetic,colour\nA,a.nii,red\n", "'colour'"),
        ("patient,synthetic\nA,\n", "Line 2 .* no synthetic"),
        ("patient,synthetic\nA,a.nii\nA,b.nii\n", "Lines 2 and 3"),
        ("patient,synthetic\nA,a.nii,more\n", "more cells"),
        ("patient,synthetic,date\nA,a.nii,May\n", "YYYY-MM-DD"),
        ("patient,synthetic,prescription\nA,a.nii,much\n", "dose in Gy"),
        ("patient,synthetic,prescription\nA,a.nii,nan\n", "dose in Gy"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "patients.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_cohort(path)


def test_paths_are_relative_to_the_table_and_targets_are_several(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    path.write_text("patient,synthetic,targets,mr\nA,a.nii,PTV; GTV,m.nii\n", encoding="utf-8")
    (one,) = read_cohort(path)
    assert one.paths.synthetic == tmp_path / "a.nii" and one.targets == ("PTV", "GTV")
    assert one.paths.reference is None and one.paths.mr == tmp_path / "m.nii"
