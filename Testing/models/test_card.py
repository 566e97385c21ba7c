"""Every field of a card that anything reads is checked before it is used."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.errors import ModelError
from SynthCore.models.bundle import open_bundle
from SynthCore.models.input_statistics import fit
from SynthCore.models.library import find_bundle, model_folders
from Testing.cli.studies import limb, write_nifti
from Testing.engine.conftest import an_identity_bundle as an_identity_bundle
from Testing.models.test_bundle import edit

Make = Callable[..., Path]
NAN = float("nan")
STATISTICS = fit([{"mr a": float(n), "mr b": float(n**2 % 5)} for n in range(6)], "mr")


def card(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda d: d["synthcore"].update(fields)


def prepare(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda d: d["synthcore"]["prepare"].update(fields)


def output(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda d: d["synthcore"]["output"].update(fields)


def normalization(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda d: d["synthcore"]["prepare"]["normalization"]["T1"].update(fields)


def statistics(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return card(input_statistics={"T1": {**STATISTICS, **fields}})


def deep(levels: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


UNCERTAINTY = {
    "changes": ["flip-i", "shift"], "knots_hu": [-100, 0, 500], "floor_hu": [10, 20, 90],
    "factor": [1, 2, 3], "measured": {"within_1": 0.7},
}  # fmt: skip


def uncertainty(**fields: Any) -> Callable[[dict[str, Any]], object]:
    """A calibration of the card's own weights, with these fields."""

    def change(d: dict[str, Any]) -> None:
        own = {"weights_sha256": d["synthcore"]["weights_sha256"]}
        d["synthcore"]["uncertainty"] = UNCERTAINTY | own | fields

    return change


WRONG = [
    (card(uncertainty=[1]), "uncertainty is not an object"),
    (card(uncertainty=UNCERTAINTY), "weights_sha256"),
    (uncertainty(changes=[]), "changes"),
    (uncertainty(changes=["flip-i", "flip-i"]), "changes"),
    (uncertainty(changes=["os.system"]), "changes"),
    (uncertainty(changes=[["flip-i"]]), "changes"),
    (uncertainty(changes=["brighter"]), "arbitrary units"),
    (uncertainty(knots_hu=[0, -100, 500]), "ascending"),
    (uncertainty(knots_hu=[0, 0, 500]), "ascending"),
    (uncertainty(knots_hu=[]), "ascending"),
    (uncertainty(knots_hu=list(range(999))), "too many"),
    (uncertainty(floor_hu=[1, 2]), "list of 3"),
    (uncertainty(floor_hu=[1, -2, 3]), "floor_hu"),
    (uncertainty(factor=[1, NAN, 3]), "factor"),
    (uncertainty(factor=[1, "2", 3]), "factor"),
    (uncertainty(measured={"within_2": 1.5}), "within_2"),
    (uncertainty(measured={"correlation": "high"}), "correlation"),
    (lambda d: (uncertainty()(d), card(unit="1")(d)), "CT numbers"),
    (lambda d: d.pop("synthcore"), "synthcore"),
    (lambda d: d["synthcore"].pop("task"), "task"),
    (lambda d: d["synthcore"].pop("kind"), "kind"),
    (lambda d: d.update(synthcore=[1]), "not an object"),
    (lambda d: d.update(version=["1"]), "version"),
    (lambda d: d.update(version="1 \x1b[31m"), "version"),
    (card(task="cure"), "no task"),
    (card(task=["mr-to-ct"]), "task"),
    (card(id="../../etc"), "id may hold"),
    (card(weights_sha256="abc"), "SHA-256"),
    (card(weights_sha256=None), "SHA-256"),
    (card(inputs=["EEG"]), "unknown role"),
    (card(inputs=["same"]), "unknown role"),
    (card(inputs=[["T1"]]), "unknown role"),
    (card(inputs="T1"), "inputs"),
    (card(inputs=["T1", "T1"]), "twice"),
    (card(takes="first"), "takes"),
    (card(takes=["all"]), "takes"),
    (card(target="same", takes="one"), "takes"),
    (card(target="any"), "output channels"),
    (card(anatomy=3), "anatomy"),
    (card(anatomy="\x1b[2J"), "control characters"),
    (card(intended_use="half a \ud800"), "control characters"),
    (card(quality=deep(50)), "too deep"),
    (card(quality=deep(400)), "too deep"),
    (card(training={"parameters": 10**400}), "large"),
    (card(prepare=[]), "not an object"),
    (card(output=[]), "not an object"),
    (prepare(slices=4), "odd"),
    (prepare(slices=10**9), "slices"),
    (prepare(slices=2.5), "slices"),
    (prepare(slices=True), "slices"),
    (prepare(tile=[10**9, 16]), "tile"),
    (prepare(tile=[64]), "tile"),
    (prepare(tile=64), "tile"),
    (prepare(multiple_of=0), "multiple_of"),
    (prepare(mask_channel=1), "mask_channel"),
    (prepare(absent="none"), "absent"),
    (prepare(hole=NAN), "hole"),
    (prepare(multiple_of="16"), "multiple_of"),
    (prepare(spacing_mm=[0, 1, 1]), "spacing_mm"),
    (prepare(spacing_mm=[1, 1]), "spacing_mm"),
    (prepare(spacing_mm={"i": 1}), "spacing_mm"),
    (prepare(orientation="RAS"), "orientation"),
    (prepare(orientation=["LPS"]), "orientation"),
    (prepare(normalization=["T1"]), "normalization"),
    (prepare(normalization={"T1": 3}), "normalization of T1"),
    (prepare(normalization={"T1": {}}), "normalization"),
    (normalization(kind="magic"), "magic"),
    (normalization(kind=["linear"]), "linear"),
    (normalization(mean=3), "normalization"),
    (normalization(percentile=500), "percentile"),
    (normalization(percentile=0), "percentile"),
    (normalization(percentile="x"), "percentile"),
    (normalization(scale=0), "scale"),
    (normalization(scale=10**30), "scale"),
    (normalization(offset=NAN), "offset"),
    (normalization(low="a"), "low"),
    (normalization(low=10), "low is not below high"),
    (normalization(low=-10, high=NAN), "high"),
    (output(scale="nan"), "scale"),
    (output(residual_of="CT"), "residual_of"),
    (output(residual_of=["T1"]), "residual_of"),
    (output(clip=[1]), "clip"),
    (output(clip=[]), "clip"),
    (output(clip=5), "clip"),
    (output(clip=[NAN, 1]), "clip"),
    (output(clip=[1, 1]), "clip"),
    (output(clip=[0, float("inf")]), "clip"),
    (output(outside="air"), "outside"),
    (output(channels="CT"), "channels"),
    (output(channels=["CT", "CT"]), "channels"),
    (output(channels=["EEG"]), "channels"),
    (output(channels=["T2"]), "not among"),
    (output(residual_of="same"), "residual_of"),
    (output(denormalize="yes"), "denormalize"),
    (output(denormalize=True), "denormalize"),
    (output(brightest=3), "brightest"),
    (output(brightest={"percentile": 99.5}), "value"),
    (output(brightest={"value": 1.0, "above": 99.9}), "above is not below"),
    (output(brightest={"value": 1.0, "percentile": 10}), "percentile"),
    (output(brightest={"value": 1.0, "outer_mm": {"T9": 3.0}}), "no role"),
    (output(brightest={"value": 1.0, "outer_mm": {"T1c": 0}}), "outer_mm"),
    (card(spacing_range_mm=[[1]]), "spacing_range_mm"),
    (card(spacing_range_mm=[[1], [1], [1]]), "spacing_range_mm"),
    (card(spacing_range_mm=[[1, 2], [1, 2], [2, 1]]), "spacing_range_mm"),
    (card(spacing_range_mm=[[1, 2], [1, 2], [2, "x"]]), "spacing_range_mm"),
    (card(spacing_range_mm=3), "spacing_range_mm"),
    (card(input_statistics=[]), "input_statistics"),
    (card(input_statistics={"T1": None}), "input_statistics of T1"),
    (card(input_statistics={"CT": STATISTICS}), "of no input"),
    (card(input_statistics={"T1": {"warn": 1, "refuse": 2}}), "names"),
    (statistics(names=[]), "names"),
    (statistics(names=[1, 2]), "names"),
    (statistics(mean=[1.0]), "mean"),
    (statistics(mean=["a", 1.0]), "mean"),
    (statistics(deviation=[0.0, 1.0]), "deviation"),
    (statistics(inverse=[[1.0, 0.0]]), "inverse"),
    (statistics(inverse=[[1.0, 0.0], [1.0]]), "inverse"),
    (statistics(inverse=[[1.0, 0.0], [NAN, 1.0]]), "inverse"),
    (statistics(warn=None), "warn"),
    (statistics(refuse=0.0), "refuse"),
    (statistics(unlike={"what": "limb"}), "names"),
    (statistics(unlike={**STATISTICS, "what": "limb", "mean": [1.0]}), "unlike: mean"),
    (statistics(unlike={**STATISTICS, "what": 1}), "says not what"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_a_wrong_field_is_named(an_identity_bundle: Make, change: Any, message: str) -> None:
    folder = an_identity_bundle()
    edit(folder, change)
    with pytest.raises(ModelError, match=message) as caught:
        open_bundle(folder)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"synthcore": null}'])
def test_metadata_that_is_no_card_is_named(an_identity_bundle: Make, text: str) -> None:
    folder = an_identity_bundle()
    (folder / "configs" / "metadata.json").write_text(text)
    with pytest.raises(ModelError):
        open_bundle(folder)


@pytest.mark.parametrize(
    "change",
    [
        statistics(),
        output(clip=[-1024, 3071.5], outside=-1000),
        output(residual_of="T1", clip=None),
        prepare(orientation="LPS", spacing_mm=[1, 0.977, None]),
        card(spacing_range_mm=[[0.7, 1.3], [0.7, 1.3], [2, 5]]),
        card(quality=[{"metrics": {"mae_hu": NAN}}], intended_use="Two\nlines of Größe, 0.5 μm"),
    ],
)
def test_a_right_field_is_accepted(an_identity_bundle: Make, change: Any) -> None:
    folder = an_identity_bundle()
    edit(folder, change)
    assert open_bundle(folder).name == "identity"


@pytest.mark.parametrize("change", [output(clip=[1]), card(input_statistics={"T1": {}})])
def test_one_bad_folder_does_not_disable_the_program(
    an_identity_bundle: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Any,
) -> None:
    edit(an_identity_bundle(), change)
    monkeypatch.setenv("SYNTHCORE_MODELS", str(tmp_path))
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert "mr-to-ct-bulk-density" in {m["id"] for m in listed["models"]}
    assert len(listed["problems"]) == 1
    path = write_nifti(tmp_path / "t1.nii.gz", limb().astype(np.int16))
    arguments = ["run", "mr-to-ct", "--input", f"T1={path}", "--out", str(tmp_path / "o")]
    assert main([*arguments, "--format", "nifti"]) == 0


def test_places_without_models_and_a_second_of_one_id_are_told(
    an_identity_bundle: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = an_identity_bundle()
    copy = shutil.copytree(folder, tmp_path / "more" / "copy")
    (tmp_path / "none").mkdir()
    own = model_folders()[0]
    shutil.copytree(own / "cbct-to-ct-correction", tmp_path / "more" / "another")
    places = [*(str(tmp_path / name) for name in ("typo", "none", folder.name, "more")), str(own)]
    monkeypatch.setenv("SYNTHCORE_MODELS", os.pathsep.join(places))
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    (one,) = (m for m in listed["models"] if m["id"] == "identity")
    assert one["folder"] == str(folder)  # a place may be a model folder itself
    told = " ".join(listed["problems"])
    assert "typo, which is not a folder" in told and "none, which holds no model" in told
    assert "The model folder copy has the id identity, which another has already" in told
    assert find_bundle("copy").folder == copy  # but by its own name
    assert "The model folder another has the id cbct-to-ct-correction" in told
    assert find_bundle("cbct-to-ct-correction").folder.parent == own


def test_all_models_are_verified_and_every_fault_told(
    an_identity_bundle: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = an_identity_bundle()
    broken = shutil.copytree(folder, tmp_path / "broken")
    edit(folder, card(inputs=7))
    edit(broken, card(id="broken"))
    weights = broken / "models" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x07")
    monkeypatch.setenv("SYNTHCORE_MODELS", str(tmp_path))
    assert main(["models", "verify"]) == 2
    shown = capsys.readouterr()
    assert "mr-to-ct-bulk-density: no weights, loads" in shown.out
    assert "identity" in shown.err and "broken" in shown.err


def test_a_card_cannot_write_on_the_terminal_but_text(
    an_identity_bundle: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = an_identity_bundle()
    edit(folder, card(anatomy="a limb [/b] [red]in color"))
    (folder / "docs").mkdir()
    (folder / "docs" / "README.md").write_bytes(b"# Card\n\x1b[2Jand \xff not UTF-8\n")
    monkeypatch.setenv("SYNTHCORE_MODELS", str(tmp_path))
    assert main(["models", "list"]) == 0
    assert "[/b] [red]" in capsys.readouterr().out
    assert main(["models", "show", "identity"]) == 0
    shown = capsys.readouterr().out
    assert "# Card\n" in shown and "\x1b" not in shown
