"""What fine-tuning says of a model is what the model does, of what was seen, by whom it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine.prepare import restore
from SynthCore.engine.ready import find_body
from SynthCore.engine.synthesize import synthesize
from SynthCore.image import make_affine
from SynthCore.models.bundle import open_bundle
from SynthCore.models.library import find_bundle
from SynthCore.tasks import CT_ROLES
from SynthCore.training.finetune import card as cards
from SynthCore.training.finetune import score as scoring
from SynthCore.training.finetune.cases import make_case, make_truth, whole_change
from SynthCore.training.finetune.learn import learn
from SynthCore.training.finetune.ready import Ready, make_ready
from SynthCore.training.finetune.split import Split
from SynthCore.training.finetune.table import read_pairs
from SynthCore.training.finetune.wanted import Wanted
from SynthCore.training.finetune.worse import Judgement
from Testing.training.site_pairs import a_leg, a_parent, a_table, write

SCORES = scoring.Scores({"mae_hu": 1.0}, {"patient 3": 1.0}, "preset", "mask", None, 1.0)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("truth")
    parent = a_parent(folder / "parent")
    return make_ready(
        str(parent), a_table(folder), folder / "out", site="A", licence="x", how="none"
    )


def test_a_patient_is_scored_on_what_the_engine_makes(ready: Ready) -> None:
    """The mean over mirror images and all."""
    card = ready.bundle.card
    assert card.output.mean_over
    truth = make_truth(card, ready.placed[0], "CT")
    scored = scoring.predict(card, ready.network, truth)
    given = {"T1": truth.placed.pair.fixed}
    made = synthesize("mr-to-ct", given, model=str(ready.bundle.folder)).image
    np.testing.assert_allclose(scored.voxels, made.voxels, atol=1.0)
    alone = replace(card, output=replace(card.output, mean_over=()))
    assert np.abs(scoring.predict(alone, ready.network, truth).voxels - made.voxels).max() > 2


@pytest.mark.parametrize("model", ["mr-to-ct-extremity", "mr-to-ct-head", "ct-denoise-body"])
@pytest.mark.parametrize("noise", [10.0, 40.0])
def test_who_learns_all_of_a_pair_makes_its_target(model: str, noise: float, ready: Ready) -> None:
    parent = find_bundle(model).card
    card = whole_change(parent)
    assert card.output.full_dose_hu is None
    pitch = parent.prepare.spacing_mm[0] or 1.0  # as the network's, so that nothing is resampled
    affine = make_affine((pitch, pitch, 4.0))
    mr, ct = (replace(image, affine=affine) for image in a_leg(0))
    role = parent.inputs[0]
    given = mr
    if role in CT_ROLES:
        added = np.random.default_rng(1).normal(0, noise, ct.shape).astype(np.float32)
        given = replace(ct, voxels=ct.voxels + added, modality=role)
    pair = replace(ready.placed[0].pair, inputs={role: replace(given, modality=role)}, target=ct)
    truth = make_truth(card, replace(ready.placed[0], pair=pair), "CT")
    case = make_case(card, truth)
    made = restore(card, truth.prepared, case.target, find_body(pair.fixed))
    known = truth.body & (np.abs(truth.target.voxels) < 1500)
    np.testing.assert_allclose(made[known], truth.target.voxels[known], atol=0.5)


def test_a_denoiser_of_a_site_does_all_that_it_learned(ready: Ready) -> None:
    parent = find_bundle("ct-denoise-body")
    assert parent.card.output.full_dose_hu is not None
    block = cards.block(
        parent, site="A", licence="x", how="none", split=Split((1, 2), (3,)), pairs=2, images=[],
        roles=(["CT"], "CT"), judged=[Judgement(SCORES, SCORES)], statistics={},
        training={"seed": 0},
    )  # fmt: skip
    assert "full_dose_hu" not in block["output"]
    assert parent.card.block["output"]["full_dose_hu"] == parent.card.output.full_dose_hu
    assert block["known_failures"][0].startswith("What follows was found in the parent, ct-denoise")


@pytest.mark.parametrize("task", ["mr-to-ct", "ct-denoise"])
def test_where_the_target_does_not_reach_nothing_is_scored(
    ready: Ready, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    whole = ready.placed[0].pair.target
    card = replace(ready.bundle.card, task=task)
    short = replace(
        ready.placed[0],
        pair=replace(ready.placed[0].pair, target=replace(whole, voxels=whole.voxels[:4])),
    )
    truth = make_truth(card, short, "CT")
    assert truth.seen.any() and not truth.seen.all()
    full = make_truth(card, ready.placed[0], "CT").target
    monkeypatch.setattr(scoring, "predict", lambda *_: full)
    metrics = scoring.score(card, ready.network, [truth]).metrics
    perfect = {"mr-to-ct": ("dice_bone", "dice_body"), "ct-denoise": ("ssim",)}[task]
    for name in perfect:
        assert metrics[name] == pytest.approx(1, abs=1e-6)
    assert metrics["mae_hu" if task == "mr-to-ct" else "rmse_hu"] == pytest.approx(0, abs=1e-3)


def test_another_seed_takes_another_run_and_the_same_registrations(ready: Ready) -> None:
    made = [learn(ready, [1, 2, 3, 4], steps=2, seed=0, device="cpu")]
    table = ready.rows[0].target.parent.parent / "pairs.csv"
    again = make_ready(
        str(ready.bundle.folder), table, ready.goal.parent, site="B", licence="x", how="none"
    )
    made.append(learn(again, [1, 2, 3, 4], steps=2, seed=1, device="cpu"))
    assert made[0].folder != made[1].folder
    runs = sorted(ready.folder.glob("run-*"))
    assert len(runs) == 2 and all((run / "checkpoint.pt").exists() for run in runs)
    # whose a pair is decides what may be learned from it: another run, too
    first = replace(again.placed[0], pair=replace(again.placed[0].pair, patient=99))
    other = replace(again, placed=[first, *again.placed[1:]], goal=again.goal.with_name("c"))
    learn(other, [1, 2, 3, 4], steps=2, seed=1, device="cpu")
    assert len(list(ready.folder.glob("run-*"))) == 3


def test_more_time_is_another_run_and_no_old_weights(ready: Ready) -> None:
    one = replace(ready, goal=ready.goal.with_name("brief"))
    two = replace(ready, goal=ready.goal.with_name("longer"))
    made = [
        learn(one, [1, 2, 3, 4], steps=8, minutes=1e-9, seed=5, device="cpu"),
        learn(two, [1, 2, 3, 4], steps=8, minutes=10.0, seed=5, device="cpu"),
    ]
    steps = [open_bundle(m.folder).card.block["training"]["steps"] for m in made]
    assert steps == [1, 8]
    weights = [(m.folder / "models" / "model.safetensors").read_bytes() for m in made]
    assert weights[0] != weights[1]


def test_a_line_put_into_the_table_registers_nothing_anew(ready: Ready, tmp_path: Path) -> None:
    table = ready.rows[0].target.parent.parent / "pairs.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    turned = table.with_name("turned.csv")
    turned.write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in ready.folder.glob("pair-*.npz")}
    make_ready(
        str(ready.bundle.folder), turned, ready.goal.parent, site="turned", licence="x", how="none"
    )
    assert before == {path: path.stat().st_mtime_ns for path in ready.folder.glob("pair-*.npz")}


def test_roles_that_nobody_looked_at_are_named() -> None:
    head = find_bundle("mr-to-ct-head").card
    assert "Only CT from T1 was learned and measured" in cards._learned(head, ["T1"], "CT")
    assert cards._learned(head, list(head.inputs), "CT") == ""
    assert cards._learned(find_bundle("mr-sequence-brain").card, ["T1"], "FLAIR")


def test_a_row_is_counted_as_the_spreadsheet_counts(tmp_path: Path) -> None:
    table = a_table(tmp_path, 2)
    lines = table.read_text(encoding="utf-8").splitlines()
    kind = Wanted(("T1",), every=True, one=False, target="CT")
    table.write_text("\n".join([lines[0], "", lines[1], lines[2]]), encoding="utf-8")
    assert [pair.where for pair in read_pairs(table, kind).pairs] == [
        f"row {n} of pairs.csv" for n in (3, 4)
    ]
    # a folder with several series is followed by the number of one
    write(a_leg(3)[1], tmp_path / "study" / "ct.nii.gz")
    numbered = lines[1].rsplit(",", 1)[0] + ",study#2"
    table.write_text("\n".join([lines[0], numbered, lines[2]]), encoding="utf-8")
    assert read_pairs(table, kind).pairs[0].target == tmp_path / "study#2"
