"""What is read of a pair is told and compared: notes, copies, coverage, and likeness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.cli.main import main
from SynthCore.engine.ready import on_one_grid
from SynthCore.errors import InputError
from SynthCore.models.library import find_bundle
from SynthCore.training.finetune.card_page import page as card_page
from SynthCore.training.finetune.checked import SitePair, _sha256_of_voxels, open_pair
from SynthCore.training.finetune.learn import learn
from SynthCore.training.finetune.ready import Ready, known_to, make_ready
from SynthCore.training.finetune.rows import PairPaths
from SynthCore.training.finetune.table import read_pairs
from SynthCore.training.finetune.wanted import wanted
from Testing.cli.studies import hounsfield, limb, write_series
from Testing.training.site_pairs import a_leg, a_parent, a_table, write


def opened(model: str, inputs: dict[str, Path], goal: Path, target: str | None = None) -> SitePair:
    card = find_bundle(model).card
    return open_pair(PairPaths("row 2", "A", inputs, goal), 1, 1, card, wanted(card, target))


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("pairs")
    return make_ready(
        str(a_parent(folder / "parent")), a_table(folder), folder / "out", site="A", licence="x",
        how="none",
    )  # fmt: skip


def test_what_headers_say_against_a_role_is_kept(tmp_path: Path) -> None:
    mr = write_series(tmp_path / "mr", limb(), description="T2 TSE tra", frame="1.2.3")
    for path in mr.iterdir():
        header = pydicom.dcmread(path)
        header.EchoTime, header.RepetitionTime = 100, 5000
        header.save_as(path)
    ct = write_series(tmp_path / "ct", hounsfield(), "CT", description="ct", frame="1.2.3")
    notes = opened("mr-to-ct-extremity", {"T1": mr}, ct).notes
    assert any("T2" in text and text.startswith("T1: ") for text in notes)
    assert any(text.startswith("The T1 image is unlike what mr-to-ct-extremity") for text in notes)
    assert not any("the target lies on another grid" in text for text in notes)
    assert not any(str(tmp_path) in text or "Test^A" in text for text in notes)


def test_a_target_unlike_the_parents_may_be_learned(tmp_path: Path) -> None:
    mr, other = (write(a_leg(n)[0], tmp_path / f"{n}.nii.gz") for n in (0, 1))
    pair = opened("mr-sequence-brain", {"T1": mr}, other, "FLAIR")
    assert any(text.startswith("The FLAIR image is unlike") for text in pair.notes)
    assert pair.unlike == 1, "the inputs alone: a card has no limits for what it makes"


def test_an_input_that_does_not_reach_is_seen_as_the_engine_sees_it(tmp_path: Path) -> None:
    t1, t2, flair = (a_leg(n)[0] for n in range(3))
    short = replace(t2, voxels=t2.voxels[:4], modality="T2")
    paths = {"T1": write(t1, tmp_path / "t1.nii.gz"), "T2": write(short, tmp_path / "t2.nii.gz")}
    goal = write(flair, tmp_path / "flair.nii.gz")
    pair = opened("mr-sequence-brain", paths, goal, "FLAIR")
    assert not pair.inputs["T2"].voxels[5].any() and pair.inputs["T2"].voxels[3].any()
    made = on_one_grid({"T1": t1, "T2": short})["T2"].voxels
    np.testing.assert_allclose(pair.inputs["T2"].voxels, made, rtol=1e-5, atol=1e-3)
    assert any("T2 covers" in text and "sees air beyond" in text for text in pair.notes)
    paths["T2"] = write(replace(short, voxels=t2.voxels[:2]), tmp_path / "less.nii.gz")
    with pytest.raises(InputError, match="In row 2: T2 covers 33%"):
        opened("mr-sequence-brain", paths, goal, "FLAIR")


def test_a_target_that_is_an_input_is_refused(tmp_path: Path) -> None:
    a_table(tmp_path, 3)
    kind = wanted(find_bundle("ct-denoise-body").card)
    path = tmp_path / "doses.csv"
    rows = ["patient,CT,target", "a,images/ct0.nii.gz,images/../images/ct0.nii.gz"]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"In row 2 of doses[.]csv the target is one of its inputs"
    ):
        read_pairs(path, kind)
    copy = write(a_leg(0, (4.0, -3.0, 0.0))[1], tmp_path / "copy.nii.gz")
    with pytest.raises(InputError, match="In row 2: CT and the target are the same image"):
        opened("ct-denoise-body", {"CT": tmp_path / "images" / "ct0.nii.gz"}, copy)


def moved(pair: SitePair) -> SitePair:
    """The target with another origin, as another export has it."""
    affine = pair.target.affine.copy()
    affine[0, 3] += 1.0
    return replace(pair, target=replace(pair.target, affine=affine), sha256="", image="another")


def test_an_image_is_known_again_wherever_it_lies(ready: Ready) -> None:
    made = learn(ready, [1, 2, 3, 4], steps=1, device="cpu")
    child = find_bundle(str(made.folder)).card
    pairs = [one.pair for one in ready.placed]
    rows = [replace(row, patient=f"new {n}") for n, row in enumerate(ready.rows)]
    assert known_to(child, rows, [moved(one) for one in pairs]) == frozenset(made.split.trained)
    # the input alone, beside a target of another day
    others = [replace(one, image="", voxels=frozenset({one_of(one)})) for one in pairs]
    assert known_to(child, rows, others) == frozenset(made.split.trained)
    assert not known_to(ready.bundle.card, rows, pairs)


def one_of(pair: SitePair) -> str:
    """The hash of the input, which the target has not."""
    (own,) = pair.voxels - {target_of(pair)}
    return own


def target_of(pair: SitePair) -> str:
    return _sha256_of_voxels(pair.target)


def test_cards_of_before_are_read_as_well(ready: Ready) -> None:
    pairs = [one.pair for one in ready.placed]
    card = ready.bundle.card
    block = {**card.block, "training": {"data": [{"images": [pairs[1].image]}]}}
    rows = [replace(row, patient=f"new {n}") for n, row in enumerate(ready.rows)]
    assert known_to(replace(card, block=block), rows, pairs) == frozenset({2})


def test_bids_labels_stand_on_no_page(ready: Ready, tmp_path: Path) -> None:
    for n, one in enumerate(ready.placed):
        name = f"sub-SMITH{n}_ses-{n}"
        folder = tmp_path / "bids" / f"sub-SMITH{n}" / f"ses-{n}" / "anat"
        write(one.pair.fixed, folder / f"{name}_T1w.nii.gz")
        write(one.pair.target, folder / f"{name}_ct.nii.gz")
    lone = tmp_path / "bids" / "sub-SMITH9" / "anat" / "sub-SMITH9_T1w.nii.gz"
    write(ready.placed[0].pair.fixed, lone)
    made = make_ready(
        str(ready.bundle.folder), tmp_path / "bids", tmp_path / "out", site="B", licence="x",
        how="none",
    )  # fmt: skip
    text = made.page.read_text(encoding="utf-8")
    assert "SMITH" not in text and "Pair 2 (subject 2, session 1)" in text
    assert made.left_out == ("subject 5",)
    tuned = learn(made, [1, 2, 3, 4], steps=1, device="cpu")
    block = dict(find_bundle(str(tuned.folder)).card.block)
    assert "SMITH" not in card_page(block)


def test_broken_files_of_a_run_are_named(
    ready: Ready, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = ready.rows[0].target.parent.parent / "pairs.csv"
    command = ["finetune", str(ready.bundle.folder), "--pairs", str(table), "--licence", "x",
               "--steps", "1", "--accept", "all", "--aligned", "--out", str(tmp_path)]  # fmt: skip
    assert main([*command, "--site", "A"]) == 0
    (checkpoint,) = tmp_path.glob("finetune-run/run-*/checkpoint.pt")
    checkpoint.write_bytes(b"")
    assert main([*command, "--site", "B"]) == 2
    told = f"checkpoint.pt in {checkpoint.parent.name} is broken"
    assert told in " ".join(capsys.readouterr().err.split())
    checkpoint.unlink()
    assert main([*command, "--site", "B"]) == 0
    first = sorted(tmp_path.glob("finetune-run/pair-none-*.npz"))[0]
    first.write_bytes(first.read_bytes()[:100])
    assert main([*command, "--site", "C"]) == 2
    told = f"{first.name} in finetune-run is broken"
    assert told in " ".join(capsys.readouterr().err.split())


def test_no_label_of_a_subject_is_in_a_message(tmp_path: Path) -> None:
    folder = tmp_path / "bids" / "sub-Doe1" / "anat"
    folder.mkdir(parents=True)
    write(a_leg(0)[0], folder / "sub-Doe1_T1w.nii.gz")
    (folder / "sub-Doe1_ct.nii.gz").write_bytes(b"no image")
    card = find_bundle("mr-to-ct-extremity").card
    kind = wanted(card)
    (one,) = read_pairs(tmp_path / "bids", kind).pairs
    with pytest.raises(InputError, match="In subject 1: the file for target") as told:
        open_pair(one, 1, 1, card, kind)
    assert "Doe" not in str(told.value)
