"""Fine-tuning on a site's pairs: registered, accepted, split by patient, told on the card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from SynthCore.cli.main import main
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import InputError
from SynthCore.models.bundle import open_bundle, verify_weights
from SynthCore.training.finetune.learn import learn
from SynthCore.training.finetune.ready import Ready, make_ready
from SynthCore.training.placement import Placement
from Testing.training.site_pairs import a_leg, a_parent, a_table


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("tuned")
    parent = a_parent(folder / "parent", learned_from=("SMITH^JANE0",))
    return make_ready(
        str(parent), a_table(folder), folder / "out", site="Hospital A", licence="internal use"
    )


def test_pairs_are_registered_and_shown_without_names(ready: Ready) -> None:
    for one in ready.placed:
        assert one.figures.information > one.figures.information_before
        assert one.picture.stat().st_size > 10_000
        rigid = Placement.load(one.picture.with_suffix(".npz")).rigid
        assert abs(rigid.GetTranslation()[0] - 4) < 1.5
        assert abs(rigid.GetTranslation()[1] + 3) < 1.5
    page = ready.page.read_text(encoding="utf-8")
    assert "SMITH" not in page and all(one.picture.name in page for one in ready.placed)


def test_a_model_learns_and_its_card_tells(ready: Ready) -> None:
    tuned = learn(ready, [1, 2, 3, 4], steps=12, device="cpu")
    bundle = open_bundle(tuned.folder)
    verify_weights(bundle)
    training = bundle.card.block["training"]
    own = training["data"][-1]
    assert own["name"] == "Hospital A" and own["licence"] == "internal use"
    assert not set(own["patients"]) & set(training["validation"])
    assert len(own["patients"]) + len(training["validation"]) == 4
    assert "patient 1" in own["patients"], "the parent has learned from this one"
    assert training["parent"]["weights_sha256"] == ready.bundle.card.weights_sha256
    quality = bundle.card.block["quality"][0]
    assert quality["metrics"]["mae_hu"] != quality["baseline"]["metrics"]["mae_hu"]
    assert tuned.after.error < tuned.before.error, "random weights are easily bettered"
    assert not tuned.warning
    text = json.dumps(dict(bundle.card.block)) + (tuned.folder / "docs/README.md").read_text()
    assert "SMITH^JANE0" in text, "the parent's own list stays"
    assert not any(f"SMITH^JANE{n}" in text for n in (1, 2, 3))
    made = synthesize("mr-to-ct", {"T1": a_leg(7)[0]}, model=str(tuned.folder))
    assert made.image.unit == "HU"


def test_a_child_of_the_child_keeps_nobody_it_has_seen(ready: Ready, tmp_path: Path) -> None:
    first = (
        learn(ready, [1, 2, 3], steps=1, device="cpu").folder
        if not ready.goal.exists()
        else (ready.goal)
    )
    trained = open_bundle(first).card.block["training"]["data"][-1]["patients"]
    table = ready.rows[0].target.parent.parent / "pairs.csv"
    for seed in range(2):
        again = make_ready(
            str(first), table, tmp_path / str(seed), site="B", licence="x", how="none", seed=seed
        )
        kept = learn(again, [1, 2, 3, 4], steps=1, seed=seed, device="cpu").split.kept
        assert not {f"patient {n}" for n in kept} & set(trained)


def test_a_model_that_got_worse_says_so(
    ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import SynthCore.training.finetune.recipe as module

    table = ready.rows[0].target.parent.parent / "pairs.csv"
    good = ready.goal if ready.goal.exists() else learn(ready, [1, 2, 3, 4], steps=12).folder
    spoiled = make_ready(str(good), table, tmp_path, site="C", licence="x", how="none")
    monkeypatch.setattr(module, "RATE", 50.0)  # a rate that no network holds
    tuned = learn(spoiled, [1, 2, 3, 4], steps=2, device="cpu")
    assert tuned.after.error > tuned.before.error
    assert "worse than its parent" in tuned.warning
    assert tuned.warning in open_bundle(tuned.folder).card.block["known_failures"]


def test_nothing_is_learned_from_a_registration_nobody_accepted(
    ready: Ready, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = ready.rows[0].target.parent.parent / "pairs.csv"
    command = ["finetune", str(ready.bundle.folder), "--pairs", str(table), "--out",
               str(tmp_path / "out"), "--site", "D", "--licence", "x", "--aligned"]  # fmt: skip
    assert main(command) == 3
    assert "--accept" in capsys.readouterr().err
    assert main([*command, "--accept", "none"]) == 3
    assert main([*command, "--accept", "1,2"]) == 2, "two patients are too few"
    assert main([*command, "--accept", "7"]) == 2
    assert main([*command, "--deformable"]) == 2
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["finetune-run"]


@pytest.mark.parametrize("model", ["mr-to-ct-bulk-density", "inpaint-biharmonic", "nobody"])
def test_models_that_do_not_learn_from_pairs_are_refused(
    model: str, ready: Ready, tmp_path: Path
) -> None:
    with pytest.raises(InputError):
        make_ready(model, ready.rows[0].target, tmp_path, site="E", licence="x")
