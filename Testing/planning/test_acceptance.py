"""A site's thresholds: how they are written, signed and held against findings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from SynthCore.errors import InputError
from SynthCore.planning.acceptance import DEFAULTS, MEANINGS, as_toml, read_acceptance
from SynthCore.planning.finding import Finding, worst
from SynthCore.planning.meanings import unit_of, words_of
from SynthCore.planning.meant import kind_of, range_of
from SynthCore.planning.verdict import light_of, verdict_of

SIGNED = """
site = "A hospital"
signed_by = "A physicist"
signed_on = 2026-03-01
[limits]
me_soft_tissue = { absolute = 15.0, warn = 10.0, unit = "HU" }
body_dice = { least = 0.98 }
range_worst = { most = 2.5 }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_that_is_written_is_the_defaults_when_read(tmp_path: Path) -> None:
    found = read_acceptance(write(tmp_path, as_toml()))
    assert found.limits == DEFAULTS.limits and not found.signed
    assert set(DEFAULTS.limits) <= set(MEANINGS)


def test_a_signed_file_judges_by_its_bounds(tmp_path: Path) -> None:
    site = read_acceptance(write(tmp_path, SIGNED))
    assert site.signed and site.signed_on == "2026-03-01" and len(site.sha256) == 64

    def light(name: str, value: float) -> str:
        return site.judge(Finding("image", name, "It", value, "HU")).light

    assert [light("me_soft_tissue", v) for v in (0, -10, 12, -15.1)] == [
        "pass", "pass", "warn", "fail",
    ]  # fmt: skip
    assert [light("body_dice", v) for v in (0.98, 0.9799)] == ["pass", "fail"]
    assert [light("range_worst", v) for v in (2.5, 2.6, -9)] == ["pass", "fail", "pass"]
    assert light("mae_body", 1e9) == "shown"
    assert light("me_soft_tissue", float("nan")) == "fail"


def test_the_verdict_names_the_date_and_the_reason_and_never_says_safe(tmp_path: Path) -> None:
    site = read_acceptance(write(tmp_path, SIGNED))
    good = site.judge(Finding("image", "body_dice", "Overlap", 0.99, ""))
    bad = site.judge(Finding("range", "range_worst", "Path length", 4.0, "mm"))
    assert verdict_of((good,), site) == (
        "Accepted by the site's thresholds of 2026-03-01: 1 check passed. "
        "Not checked: mean signed error in soft tissue; 98th percentile of the path length's "
        "difference over the target."
    )
    told = verdict_of((good, bad), site)
    assert told.startswith("Not accepted by the site's thresholds of 2026-03-01: Path length is 4")
    assert worst((good, bad)) == "fail"
    unsigned = verdict_of((DEFAULTS.judge(good),), DEFAULTS)
    assert "nobody has signed" in unsigned and not unsigned.startswith("Accepted")
    assert "safe" not in (told + unsigned).lower()
    assert "Nothing was judged" in verdict_of((), DEFAULTS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("limits = [", "TOML"),
        ("limits = 3", r"no \[limits\]"),
        ("site = 'A'", r"no \[limits\]"),
        ("[limit]\nbody_dice = { least = 0.98 }", "unknown entry 'limit'"),
        ("[limits]\nme_sof = { most = 3 }", "of no check"),
        ("[limits]\nbody_dice = 0.98", "is not like"),
        ("[limits]\nbody_dice = { least = 0.98, most = 1 }", "needs one of"),
        ("[limits]\nbody_dice = { lesat = 0.98 }", "needs one of"),
        ("[limits]\nbody_dice = { least = 'much' }", "not a number"),
        ("[limits]\nbody_dice = { least = nan }", "not a number"),
        ("[limits]\nbody_dice = { least = true }", "not a number"),
        (
            '[limits]\nrange_mean = { absolute = 2.5, unit = "mm" }',
            "in 'mm', but this check is in %",
        ),
        ('[limits]\nbody_dice = { least = 0.9, unit = "%" }', "in a number without unit"),
        ("[limits]\ngamma = { least = 0.95 }", "0.95, which cannot be meant: give .* 50 to 100 %"),
        ("[limits]\ngamma = { most = 95 }", "more is better: write { least = 95 }"),
        ("[limits]\nbody_dice = { most = 0.98 }", "more is better: write { least = 0.98 }"),
        (
            "[limits]\nbody_dice = { least = 98 }",
            "98, which cannot be meant: give .* from 0 to 1\\.",
        ),
        ("[limits]\nme_fat = { most = 30 }", "as bad below 0 as above: write { absolute = 30 }"),
        ("[limits]\nrange_worst = { least = 3 }", "less is better.*: write { most = 3 }"),
        ("[limits]\ntarget_dose = { absolute = 200 }", "from 0 to 50 %"),
        ("[limits]\nme_fat = { absolute = -20 }", "from 0 to 1000 HU"),
        ("[limits]\nme_fat = { absolute = 20, warn = 30 }", "failed already: give a warn below 20"),
        ("[limits]\nme_fat = { absolute = 20, warn = 20 }", "failed already: give a warn below 20"),
        ("[limits]\ngamma = { least = 95, warn = 90 }", "failed already: give a warn above 95"),
        ("[equivalence]\ngamma = 0.95", "margin 'gamma' .* from 50 to 100 %"),
        ("signed_on = 'soon'\n[limits]\nbody_dice = { least = 0.98 }", "not a date"),
        ("signed_by = 3\n[limits]\nbody_dice = { least = 0.98 }", "not a text"),
        ("signed_on = 2999-01-01\n[limits]\nbody_dice = { least = 0.98 }", "in the future"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read_acceptance(write(tmp_path, text))


@pytest.mark.parametrize("name", MEANINGS)
def test_every_check_has_a_kind_and_a_range(tmp_path: Path, name: str) -> None:
    """The bounds that a site may write are those that are judged as they are meant."""
    kind, (low, high) = kind_of(name), range_of(name)
    assert kind == DEFAULTS.limits[name].kind if name in DEFAULTS.limits else low < high
    middle = (low + high) / 2
    found = read_acceptance(write(tmp_path, f"[limits]\n{name} = {{ {kind} = {middle} }}"))
    assert found.limits[name].value == middle
    for other in {"least", "most", "absolute"} - {kind}:
        with pytest.raises(InputError, match=f"write {{ {kind} = "):
            read_acceptance(write(tmp_path, f"[limits]\n{name} = {{ {other} = {middle} }}"))


def test_nothing_is_accepted_where_no_threshold_of_the_site_applies(tmp_path: Path) -> None:
    site = read_acceptance(write(tmp_path, SIGNED))
    own = site.judge(Finding("plausibility", "median_fat", "Median of fat", -95.0, "HU", "pass",
                             "Median of fat is -95 HU.", "-130 to -60"))  # fmt: skip
    assert own.limit == "expected -130 to -60"
    told = verdict_of((own,), site)
    assert told.startswith("Nothing was accepted: the site's thresholds of 2026-03-01 say")
    assert "1 check passed" in told and light_of((own,), site) == "shown"
    bad = replace(own, value=-20.0, light="fail", reason="Fat is not fat.")
    told = verdict_of((own, bad), site)
    assert told.startswith("Not accepted by what this program itself expects: Fat is not fat.")
    beyond = site.judge(Finding("range", "range_worst", "Path length", 4.0, "mm"))
    told = verdict_of((bad, beyond), site)
    assert told.startswith("Not accepted by the site's thresholds of 2026-03-01: Path length is 4")
    judged = site.judge(Finding("image", "body_dice", "Overlap", 0.99, ""))
    assert light_of((own, judged), site) == "pass"


def test_what_was_signed_and_not_checked_is_named(tmp_path: Path) -> None:
    site = read_acceptance(write(tmp_path, SIGNED))
    judged = site.judge(Finding("image", "body_dice", "Overlap", 0.99, ""))
    rest = [words_of(n) for n in site.limits if n != "body_dice"]
    assert verdict_of((judged,), site).endswith(f"passed. Not checked: {'; '.join(rest)}.")
    steps = replace(site, limits={**site.limits, "registration_outline": site.limits["body_dice"]})
    assert "outlines after registration" not in verdict_of((judged,), steps)
    moved = Finding("registration", "registration_translation", "Translation", 3.0, "mm")
    assert "outlines after registration" in verdict_of((judged, moved), steps)


@pytest.mark.parametrize("name", MEANINGS)
def test_every_check_has_the_unit_that_its_meaning_ends_with(name: str) -> None:
    assert unit_of(name) in ("", "HU", "mm", "%", "deg")
    assert unit_of(name) or name in ("body_dice", "bone_dice"), name


def test_a_check_with_a_warning_is_not_counted_as_passed(tmp_path: Path) -> None:
    site = read_acceptance(write(tmp_path, SIGNED))
    warned = site.judge(Finding("image", "me_soft_tissue", "Error", 12.0, "HU"))
    good = site.judge(Finding("image", "body_dice", "Overlap", 0.99, ""))
    assert "2 checks passed, 1 more with a warning." in verdict_of((good, good, warned), site)
    assert "0 checks passed, 1 more with a warning." in verdict_of((warned,), site)


@pytest.mark.parametrize(
    ("name", "value", "unit", "text"),
    [
        ("body_dice", 0.97996, "", "0.97996"),
        ("body_dice", 0.9796, "", "0.9796"),
        ("body_dice", 0.98, "", "0.980"),
        ("range_worst", 2.5004, "mm", "2.5004 mm"),
        ("me_soft_tissue", -15.04, "HU", "-15.04 HU"),
        ("me_soft_tissue", -15.4, "HU", "-15.4 HU"),
        ("me_soft_tissue", -10.04, "HU", "-10.04 HU"),
        ("me_soft_tissue", 1e-9 + 15, "HU", "15.0 HU"),
    ],
)
def test_a_value_never_looks_like_the_threshold_it_fails(
    tmp_path: Path, name: str, value: float, unit: str, text: str
) -> None:
    site = read_acceptance(write(tmp_path, SIGNED))
    assert site.judge(Finding("image", name, "It", value, unit)).text == text
