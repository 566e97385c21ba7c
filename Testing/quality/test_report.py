"""The report: what it says, that it stands alone, and that it trusts nobody."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from SynthCore.errors import InputError
from SynthCore.image import Image, Source, make_affine, summary
from SynthCore.quality.evaluate import evaluate
from SynthCore.quality.report import render_report, write_report
from SynthCore.quality.report_card import card_text
from SynthCore.quality.report_noise import noise_curves
from SynthCore.quality.words import interval, metric_name, metric_value, metric_with_unit, moment
from SynthCore.request import Check, SynthesisRecord, SynthesisResult
from Testing.quality.page import Page, without_pictures, words_of

CARD: dict[str, Any] = {
    "id": "mr-to-ct-legs",
    "kind": "network",
    "anatomy": "extremities",
    "inputs": ["T1"],
    "target": "CT",
    "intended_use": "Research on synthetic CT of the leg.",
    "known_failures": ["Metal becomes soft tissue.", "Air inside the body becomes bone."],
    "training": {
        "data": [{"name": "Sarcoma", "licence": "CC BY 3.0", "patients": ["a", "b", "c"]}],
        "recipe": "mr-to-ct",
        "parameters": 1650000,
    },
    "quality": [
        {
            "preset": "synthrad2023",
            "data": "5 patients",
            "mask": "tissue of both",
            "clip": [-1024, 3000],
            "data_range": 4024,
            "metrics": {"mae_hu": 38.24, "me_soft_tissue_hu": -3.1},
            "baseline": {"name": "bulk density", "metrics": {"mae_hu": 71.0}},
            "command": "synthcore bench mr-to-ct",
        }
    ],
}


def made_from(inputs: dict[str, Image], image: Image, task: str) -> SynthesisResult:
    checks = (
        Check("modality", "pass", "The image is what it was named."),
        Check("spacing", "warn", "Slices are thick.", 6.0, 5.0),
    )
    record = SynthesisRecord(
        task=task,
        target=image.modality,
        model="mr-to-ct-legs",
        model_version="0.1.0",
        weights_sha256="ab" * 32,
        inputs={role: summary(one) for role, one in inputs.items()},
        mask=None,
        options={"seed": 0},
        device="cpu",
        backend="openvino",
        software={"SynthCore": "0.1.0", "numpy": "2.4.6"},
        checks=checks,
        warnings=("Slices are thick.",),
        output=summary(image),
        created="2025-11-21T02:50:00+00:00",
    )
    return SynthesisResult(image, record, checks, ("Slices are thick.",), {}, None, 1.5)


@pytest.fixture
def leg(ct_pair) -> tuple[SynthesisResult, dict[str, Image], Image]:
    synthetic, reference = ct_pair
    source = Source("nifti", "/home/ward/DOE_JOHN/t1.nii.gz", "1.2.3")
    mr = Image(reference.voxels + 1000, reference.affine, "T1", "1", source)
    return made_from({"T1": mr}, synthetic, "mr-to-ct"), {"T1": mr}, reference


def test_a_whole_report(leg, tmp_path: Path) -> None:
    result, inputs, reference = leg
    evaluation = evaluate(result.image, reference, preset="synthrad2023")
    path = tmp_path / "report.html"
    assert (
        write_report(path, result, inputs, reference=reference, evaluation=evaluation, card=CARD)
        == path
    )
    assert list(tmp_path.iterdir()) == [path]
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    # stands alone
    assert "script" not in page.tags
    assert all(a.startswith(("data:image/png;base64,", "#")) for a in page.addresses)
    assert not re.search(r"https?://|url\(|@import", text)
    assert "default-src 'none'" in text
    # names no path and no patient
    for secret in ("DOE", "JOHN", "/home", "ward", "t1.nii"):
        assert secret not in without_pictures(text)
    # says what it is
    assert "SYNTHETIC" in text
    assert "not cleared for clinical use" in text
    assert "Synthetic CT from T1" in text
    # pictures: axial, bone window, coronal, sagittal, histogram
    assert len(page.images) == 5
    assert all(image["alt"] and image["width"] for image in page.images)
    # the metrics with what they depend on
    shown = words_of(text)
    for words in (
        "synthrad2023", "the body in the reference", "[\N{MINUS SIGN}1024, 3000] HU",
        "data range 4024",
        "uniform, 7 voxels", f"{evaluation.voxels:,} voxels", "Bone Dice", "Soft tissue",
        metric_value("mae_hu", evaluation.metrics["mae_hu"]),
        metric_value("me_bone_hu", evaluation.metrics["me_bone_hu"]),
        "within ±20 HU", "no dose was computed",
    ):  # fmt: skip
        assert words in shown, words
    # checks, card, record
    for words in (
        "warn", "Slices are thick.", "Metal becomes soft tissue.", "CC BY 3.0", "38.2 HU",
        "71.0 HU", "bulk density", "1,650,000", "2025-11-21 02:50 UTC", "numpy 2.4.6",
    ):  # fmt: skip
        assert words in shown, words


def test_the_record_can_be_read_back_out_of_the_report(leg) -> None:
    result, inputs, _ = leg
    text = render_report(result, inputs, card=CARD)
    found = re.search(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert found is not None
    assert SynthesisRecord.from_json(html.unescape(found.group(1))) == SynthesisRecord.from_json(
        result.record.to_json()
    )


def test_an_untrusted_card_stays_text(leg) -> None:
    result, inputs, _ = leg
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    card = {
        "id": attack,
        "intended_use": attack,
        "known_failures": [attack],
        "training": {"data": [{"name": attack, "licence": attack}], "recipe": attack},
        "quality": [{"preset": attack, "metrics": {attack: attack}, "mask": attack,
                     "baseline": {"name": attack, "metrics": {attack: 1.0}}}],
    }  # fmt: skip
    record = replace(result.record, model=attack, warnings=(attack,), software={attack: attack})
    hostile = replace(
        result,
        record=record,
        checks=(Check(attack, "pass", attack),),
        warnings=(attack,),
    )
    text = render_report(hostile, inputs, card=card)
    page = Page(text)
    assert "script" not in page.tags
    assert text.count("&lt;script&gt;") >= 8
    assert all(image["src"] != "x" for image in page.images)


def test_every_baseline_of_a_card_has_its_column(leg) -> None:
    entry = {
        "metrics": {"psnr_db": 20.0},
        "baseline": {"name": "weakest", "metrics": {"psnr_db": 10.0}},
        "baselines": [
            {"name": "weakest", "metrics": {"psnr_db": 10.0}},
            {"name": "strongest", "metrics": {"psnr_db": 31.0, "ssim": 0.5}},
        ],
    }
    (found,) = card_text({"quality": [entry]}).quality
    assert found.columns == ("This model", "weakest", "strongest")
    assert [figures for _, figures in found.rows] == [
        ("20.0 dB", "10.0 dB", "31.0 dB"), ("", "", "0.500"),
    ]  # fmt: skip
    result, inputs, _ = leg
    text = render_report(result, inputs, card={**CARD, "quality": [entry]})
    assert "31.0 dB" in text and "strongest" in text


def test_a_card_without_other_models_names_none() -> None:
    for entry in ({"metrics": {"ssim": 1.0}}, {"metrics": {"ssim": 1.0}, "baseline": None}):
        assert card_text({"quality": [entry]}).quality[0].columns == ("This model",)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
_KEYS = st.sampled_from(["id", "inputs", "training", "quality", "known_failures", "anatomy"])


@given(
    st.dictionaries(_KEYS, _JSON),
    st.dictionaries(st.sampled_from(["data", "validation", "parameters", "split"]), _JSON),
    st.lists(
        st.dictionaries(
            st.sampled_from(["metrics", "baseline", "baselines", "clip", "data_range"]), _JSON
        ),
        max_size=2,
    ),
)
@settings(max_examples=60, deadline=None)
def test_a_misshapen_card_never_fails(card, training, quality) -> None:
    card_text(card)
    found = card_text({**card, "training": training, "quality": quality})
    assert all(isinstance(text, str) for fact in found.facts for text in fact)


def test_nothing_is_written_over(leg, tmp_path: Path) -> None:
    result, inputs, _ = leg
    path = tmp_path / "report.html"
    path.write_text("mine")
    with pytest.raises(InputError, match=r"report\.html exists"):
        write_report(path, result, inputs, card=CARD)
    assert path.read_text() == "mine"


def test_a_failure_leaves_nothing(leg, tmp_path: Path) -> None:
    result, inputs, _ = leg
    with pytest.raises(InputError, match=r"gone cannot be written \(No such file"):
        write_report(tmp_path / "gone" / "report.html", result, inputs, card=CARD)
    assert list(tmp_path.iterdir()) == []


def test_a_reference_elsewhere_is_refused(leg) -> None:
    result, inputs, reference = leg
    far = Image(reference.voxels, make_affine((1, 1, 3), (900, 0, 0)), "CT", "HU")
    with pytest.raises(InputError, match="overlap"):
        render_report(result, inputs, reference=far, card=CARD)


def test_denoising_shows_the_noise_power(ct_pair) -> None:
    _, reference = ct_pair
    rng = np.random.default_rng(0)
    wide = np.full((6, 128, 128), 50.0)
    low = Image(wide + rng.normal(0, 40, wide.shape), make_affine((1, 1, 3)), "CT", "HU")
    clean = low.with_voxels(wide + rng.normal(0, 10, wide.shape))
    text = render_report(made_from({"CT": low}, clean, "ct-denoise"), {"CT": low}, card=CARD)
    assert "Noise power spectra: Input, Synthetic CT" in text
    assert "Synthetic CT \N{MINUS SIGN} input" in html.unescape(text)
    assert "within ±20 HU" not in text
    assert noise_curves(reference, {"CT": reference}, None) == {}  # too little uniform tissue


def test_an_mr_report_draws_the_mask_and_has_no_ct_numbers() -> None:
    k, j, i = np.mgrid[:9, :40, :40]
    head = (j - 20) ** 2 + (i - 20) ** 2 < 16**2
    mr = Image(np.where(head, 300.0 + 5 * i, 0.0), make_affine((1, 1, 2)), "T1")
    hole = mr.with_voxels(((k - 4) ** 2 + (j - 20) ** 2 + (i - 25) ** 2 < 16).astype(np.uint8))
    result = made_from({"T1": mr}, mr, "inpaint")
    evaluation = evaluate(mr, mr, preset="brats-inpaint", mask=hole)
    text = render_report(
        result, {"T1": mr}, reference=mr, evaluation=evaluation, card=CARD, mask=hole
    )
    assert "Intensities" in text
    assert "Fat" not in words_of(text)
    assert "infinite (equal images)" in text
    assert len(Page(text).images) == 4


def test_an_empty_card_and_one_slice(ct_pair) -> None:
    _, reference = ct_pair
    slice_ = Image(reference.voxels[:1], reference.affine, "CT", "HU")
    result = made_from({"CT": slice_}, slice_, "ct-denoise")
    bare = replace(result, checks=(), warnings=(),
                   record=replace(result.record, checks=(), warnings=()))  # fmt: skip
    text = render_report(bare, {"CT": slice_}, card={})
    assert "No check is recorded" in text
    Page(text)


def test_words() -> None:
    assert metric_name("mae_soft_tissue_hu") == "MAE, soft tissue"
    assert metric_name("psnr_db") == "PSNR"
    assert metric_name("something_else") == "something else"
    assert metric_name("median_bone_hu_T1c") == "Median of bone, T1c"
    assert metric_with_unit("psnr_db_sd") == "PSNR, standard deviation (dB)"
    assert metric_with_unit("psnr_lesion") == "PSNR in the lesion (dB)"
    assert metric_with_unit("ssim") == "SSIM"
    assert metric_value("me_hu", -3.14) == "\N{MINUS SIGN}3.1 HU"
    assert metric_value("me_hu", 3.14) == "+3.1 HU"
    assert metric_value("ssim", 0.95123) == "0.951"
    assert metric_value("mse", 0.00134) == "0.0013"
    assert metric_value("ssim", float("nan")) == "not defined"
    assert metric_value("psnr_db", None) == "not defined"
    assert interval((-1024, 3000)) == "[\N{MINUS SIGN}1024, 3000]"
    assert interval(None) == "none"
    assert moment("2025-11-21T04:50:00+02:00") == "2025-11-21 02:50 UTC"
    assert moment("some day") == "some day"


@pytest.mark.data
def test_a_report_of_a_real_leg(real_pair, tmp_path: Path) -> None:
    mr, ct = real_pair["T1"], real_pair["CT"]
    voxels = np.where(real_pair["mask"].voxels > 0, 40.0, -1000.0).astype(np.float32)
    water = mr.with_voxels(voxels, modality="CT", unit="HU")
    result = made_from({"T1": mr}, water, "mr-to-ct")
    evaluation = evaluate(water, ct, preset="synthrad2025", mask=real_pair["mask"], resample=True)
    path = write_report(
        tmp_path / "report.html",
        result,
        {"T1": mr},
        reference=ct,
        evaluation=evaluation,
        card=CARD,
        mask=real_pair["mask"],
    )
    text = path.read_text(encoding="utf-8")
    assert "MS-SSIM" in text
    assert "CT (reference)" in words_of(text)
    assert len(Page(text).images) == 5
    assert json.dumps(evaluation.to_json_dict(), allow_nan=False)
    assert 0.3e6 < path.stat().st_size < 6e6
