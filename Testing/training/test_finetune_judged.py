"""A fine-tuned model is judged by kept patients where they should lie, and by all its figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from SynthCore.cli.main import main
from SynthCore.errors import CancelledError
from SynthCore.image import Image
from SynthCore.models.bundle import open_bundle
from SynthCore.training.finetune.card_page import page
from SynthCore.training.finetune.learn import Tuned, learn
from SynthCore.training.finetune.place import place_again
from SynthCore.training.finetune.ready import Ready, make_ready
from SynthCore.training.finetune.score import Scores
from SynthCore.training.finetune.worse import Judgement, got_worse, told, warning
from SynthCore.training.placement import Placement
from SynthCore.worker.listing import summary
from Testing.training.site_pairs import a_leg, a_parent, a_table, write


def bent(ct: Image) -> Image:
    """The CT as it would be of a leg that was pressed: no rigid move undoes it."""
    _, j, i = np.mgrid[: ct.shape[0], : ct.shape[1], : ct.shape[2]].astype(np.float32)
    k = np.broadcast_to(np.arange(ct.shape[0])[:, None, None], ct.shape)
    places = [k, j + 3 * np.sin(i / 8), i + 2 * np.cos(j / 9)]
    return ct.with_voxels(
        ndimage.map_coordinates(ct.voxels, places, order=1, mode="nearest").astype(np.float32)
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    a_parent(folder / "parent")
    a_table(folder)
    for n in range(4):
        write(bent(a_leg(n)[1]), folder / "images" / f"ct{n}.nii.gz")
    return folder


@pytest.fixture(scope="module")
def ready(site: Path) -> Ready:
    return make_ready(
        str(site / "parent"), site / "pairs.csv", site / "out", site="A", licence="x", how="rigid"
    )


@pytest.fixture(scope="module")
def tuned(ready: Ready) -> Tuned:
    return learn(ready, [1, 2, 3, 4], steps=6, minutes=1e-9, device="cpu")


def test_rigid_pairs_are_judged_deformed_as_well(ready: Ready, tuned: Tuned) -> None:
    rigid, deformed = tuned.judged
    assert rigid.before.metrics != deformed.before.metrics
    assert "smooth field" in deformed.after.placed and "smooth field" not in rigid.after.placed
    (kept,) = tuned.split.kept
    (field,) = ready.folder.glob("pair-deformable-*.npz")
    place = Placement.load(field)
    assert place.field is not None
    one = ready.placed[kept - 1]
    assert field.name == one.picture.with_suffix(".npz").name.replace("rigid", "deformable")
    assert place.rigid.GetParameters() == one.place.rigid.GetParameters()
    shown = ready.page.read_text(encoding="utf-8")
    assert field.with_suffix(".png").name in shown and "judged by as well" in shown
    assert field.with_suffix(".png").stat().st_size > 10_000


def test_the_card_and_its_page_hold_both_and_how_long_it_trained(tuned: Tuned) -> None:
    block = open_bundle(tuned.folder).card.block
    deformed, rigid = block["quality"]  # lists of models show the first
    assert rigid["metrics"] != deformed["metrics"]
    (kept,) = tuned.split.kept
    assert deformed["by_patient"] == {
        f"patient {kept}": {
            "before": pytest.approx(deformed["baseline"]["metrics"]["mae_hu"], abs=1e-3),
            "now": pytest.approx(deformed["metrics"]["mae_hu"], abs=1e-3),
        }
    }
    assert (block["training"]["steps"], block["training"]["steps_asked"]) == (1, 6)
    text = (tuned.folder / "docs" / "README.md").read_text(encoding="utf-8")
    assert "1 of 6 steps, at most 1e-09 minutes" in text
    assert text.count(f"| patient {kept} |") == 2
    for one in (rigid, deformed):
        both = one["by_patient"][f"patient {kept}"]
        assert f"| patient {kept} | {both['before']:.4g} | {both['now']:.4g} |" in text
        assert one["data"] in text
    assert "MAE" in summary(open_bundle(tuned.folder)), "the module reads the card as before"


def test_a_card_says_what_it_was_made_for(tuned: Tuned, ready: Ready) -> None:
    anatomy = open_bundle(tuned.folder).card.anatomy
    parent = ready.bundle.card.anatomy
    assert anatomy == f"what the pairs of A show; its parent was made for {parent}"


def test_a_cancel_is_heard_before_a_kept_pair_is_deformed(ready: Ready, tmp_path: Path) -> None:
    with pytest.raises(CancelledError, match="registered so far is kept"):
        place_again(ready.placed[:1], tmp_path, cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["none", "deformable"])
def test_others_are_judged_as_they_lie(how: str, site: Path, tmp_path: Path) -> None:
    one = make_ready(
        str(site / "parent"),
        site / "pairs.csv",
        tmp_path,
        site="B",
        licence="x",
        how=how,  # type: ignore[arg-type]
    )
    made = learn(one, [1, 2, 3, 4], steps=1, device="cpu")
    (entry,) = open_bundle(made.folder).card.block["quality"]
    text = (made.folder / "docs" / "README.md").read_text(encoding="utf-8")
    shares = "share the error of the registration that was given"
    assert (shares in text, shares in entry.get("remark", "")) == ((how == "none",) * 2)
    assert "judged by as well" not in one.page.read_text(encoding="utf-8")


def test_the_command_tells_both(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["finetune", str(site / "parent"), "--pairs", str(site / "pairs.csv"), "--licence",
               "x", "--steps", "1", "--accept", "all", "--out", str(tmp_path)]  # fmt: skip
    assert main([*command, "--site", "C", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    rigid, deformed = made["judged"]
    assert deformed["before"] == made["before"] and rigid["before"] != made["before"]
    assert main([*command, "--site", "D"]) == 0
    said = capsys.readouterr().out
    assert f"{rigid['placed']} (" in said and f"{deformed['placed']} (" in said
    assert said.count("mae_hu ") == 2


BEFORE = {"mae_hu": 40.0, "rmse_hu": 80.0, "me_bone_hu": -100.0, "me_fat_hu": 0.1,
          "mae_bone_hu": 200.0, "dice_bone": 0.80, "ssim": 0.9}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "worse"),
    [
        ({"mae_hu": 40.01}, ["mae_hu"]),
        ({"mae_hu": 39.0, "rmse_hu": 83.9, "me_bone_hu": -104.9, "dice_bone": 0.791}, []),
        ({"me_bone_hu": -106.0}, ["me_bone_hu"]),
        ({"me_bone_hu": 106.0}, ["me_bone_hu"]),
        ({"me_bone_hu": 90.0}, []),
        ({"me_fat_hu": -1.9}, []),
        ({"me_fat_hu": -2.3}, ["me_fat_hu"]),
        ({"rmse_hu": 85.0, "mae_bone_hu": 220.0}, ["rmse_hu", "mae_bone_hu"]),
        ({"dice_bone": 0.78}, ["dice_bone"]),
        ({"ssim": 0.5}, []),
        ({"me_bone_hu": float("nan")}, []),
    ],
)
def test_figures_that_got_clearly_worse_are_named(change: dict[str, float], worse: list[str]):
    after = {**BEFORE, **change}
    assert got_worse(BEFORE, after) == worse
    before, now = (Scores(m, {"patient 3": 1.0}, "p", "m", None, 1.0) for m in (BEFORE, after))
    said = warning(before, now)
    assert bool(said) == bool(worse) and all(name in said for name in worse)
    assert ("in some figures" in said) == (bool(worse) and "mae_hu" not in worse)


def test_a_warning_is_given_if_either_placement_is_worse() -> None:
    rigid = Scores({"mae_hu": 40.0}, {}, "p", "m", None, 1.0, "placed rigidly")
    deformed = replace(rigid, placed="deformed")
    better, worse = (replace(deformed, metrics={"mae_hu": v}) for v in (38.0, 43.0))
    said = told([Judgement(rigid, replace(better, placed="placed rigidly")),
                 Judgement(deformed, worse)])  # fmt: skip
    assert "deformed, it is worse than its parent: mae_hu 43 instead of 40." in said
    assert "placed rigidly" not in said
    assert told([Judgement(rigid, better), Judgement(deformed, better)]) == ""


def test_what_the_parent_would_have_refused_is_counted(ready: Ready, tuned: Tuned) -> None:
    block = json.loads(json.dumps(dict(open_bundle(tuned.folder).card.block)))
    assert block["training"]["data"][-1]["unlike_parent"] == 0
    assert "would have refused" not in page(block)
    odd = [replace(one, pair=replace(one.pair, unlike=1)) for one in ready.placed]
    other = replace(ready, placed=odd, goal=ready.goal.with_name("odd"))
    made = learn(other, [1, 2, 3, 4], steps=1, seed=3, device="cpu")
    own = open_bundle(made.folder).card.block["training"]["data"][-1]
    assert own["unlike_parent"] == len(own["patients"]) == 3
    assert "3 images that it would have refused" in (made.folder / "docs/README.md").read_text()
