"""A published folder loads, its hash matches, and its float16 weights are what was trained."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import torch

from SynthCore.errors import InputError, ModelError
from SynthCore.models.bundle import load_network, open_bundle, verify_weights
from SynthCore.models.library import find_bundle
from SynthCore.physics.generator import VERSION
from SynthCore.training import cards
from SynthCore.training.denoise import quality
from SynthCore.training.extremity import card
from SynthCore.training.extremity.recipe import RECIPE
from SynthCore.training.publish import parameters, publish, rounded
from SynthCore.training.recipe import fold
from SynthCore.training.registry import ROOMS, get_recipe
from Testing.training.small_run import TINY, begin


def _publish(folder: Path) -> tuple[Path, torch.nn.Module]:
    network = begin().average
    block = cards.finish_block(
        TINY, card.block(TINY, ["STS_003"]), seed=0, steps=24, minutes=1.0, machine="here",
        parameters=parameters(rounded(network)), statistics={}, quality=[],
    )  # fmt: skip
    return publish(network, block, cards.page(block), folder / TINY.model), network


def test_a_published_folder_loads_and_gives_the_rounded_network(tmp_path: Path) -> None:
    folder, network = _publish(tmp_path)
    bundle = open_bundle(folder)
    verify_weights(bundle)
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(load_network(bundle)(x), rounded(network)(x))
    assert bundle.card.prepare.slices == 3 and bundle.card.output.scale == 1000
    assert "not cleared for clinical use" in (folder / "docs" / "README.md").read_text("utf-8")
    assert not list(tmp_path.glob("*.part"))


def test_a_card_says_what_was_found_in_other_weights_and_how_it_is_made_again() -> None:
    recipe = replace(fold(RECIPE, ["STS_003"]), minutes=0.5)
    block = cards.finish_block(
        recipe, card.block(recipe, ["STS_004"]), seed=7, steps=61, minutes=0.5, machine="here",
        parameters=1, statistics={}, quality=[],
    )  # fmt: skip
    assert block["version"] == "0.1.0" and list(block["changelog"]) == ["0.1.0"]
    assert block["training"]["steps"] == 61 < recipe.steps
    published = card.block(recipe, ["STS_004"])["known_failures"]
    assert block["known_failures"] == [cards.OF_PUBLISHED, *published]
    assert (
        "Again: `synthcore train mr-to-ct-extremity --data DIR --out DIR --seed 7 --minutes 0.5 "
        "--leave-out STS_003`" in cards.page(block)
    )


PUBLISHED = ("mr-to-ct-extremity", "mr-to-ct-head", "mr-sequence-brain", "inpaint-brain",
             "super-resolution-mr-ct", "ct-denoise-body", "cbct-to-ct-body")  # fmt: skip


def test_a_recipe_without_published_weights_speaks_of_none() -> None:
    recipe = get_recipe("ct-denoise-red-cnn")
    block = cards.finish_block(
        recipe, {"training_data": [], "known_failures": ["Smooth."]}, seed=0, steps=1, minutes=0.5,
        machine="here", parameters=1, statistics={}, quality=[],
    )  # fmt: skip
    assert block["known_failures"] == ["Smooth."]


@pytest.mark.parametrize("recipe", PUBLISHED)
def test_a_room_says_what_its_published_card_says(recipe: str) -> None:
    room = f"SynthCore.training.{ROOMS[recipe]}"
    ours = import_module(f"{room}.card").block(import_module(f"{room}.recipe").RECIPE, [])
    published = find_bundle(recipe).card.block
    for key in ours.keys() - {"training_data"}:
        assert json.loads(json.dumps(ours[key])) == published[key], key


GENERATING = {
    "mr-to-ct-head": ["training_seg_01"],
    "mr-sequence-brain": ["patient07"],
    "inpaint-brain": ["synthseg-01"],
    "cbct-to-ct-body": ["training_seg_01"],
}


@pytest.mark.parametrize(("recipe", "patients"), GENERATING.items())
def test_a_card_names_the_version_of_the_generator_that_it_learned_from(
    recipe: str, patients: list[str]
) -> None:
    room = f"SynthCore.training.{ROOMS[recipe]}"
    rule = import_module(f"{room}.recipe").RECIPE
    of_room = import_module(f"{room}.card").block(rule, patients)["training_data"]
    assert [one["generator"] for one in of_room if "generator" in one] == [VERSION]
    published = find_bundle(recipe).card.block
    (made,) = [one for one in published["training"]["data"] if "generator" in one]
    assert 1 <= made["generator"] <= VERSION
    line = f"- {made['name']} (generator, version {made['generator']}), {made['licence']}"
    assert line in cards.page(published)


def test_a_page_says_where_nobody_was_kept_out() -> None:
    page = cards.page(find_bundle("mr-sequence-brain").card.block)
    assert "Nobody was kept out of the training" in page and ": ." not in page
    assert "Never trained on (split by patient): STS_002" in cards.page(
        find_bundle("mr-to-ct-extremity").card.block
    )


@pytest.mark.parametrize("model", PUBLISHED)
def test_the_page_of_a_card_is_what_its_block_says(model: str) -> None:
    bundle = find_bundle(model)
    shown = (bundle.folder / "docs" / "README.md").read_text(encoding="utf-8")
    # an uncertainty is measured later, and has a part of its own
    shown = re.sub(r"## Uncertainty\n.*?(?=## )", "", shown, flags=re.DOTALL)
    assert shown == cards.page(bundle.card.block)


def test_a_table_names_the_commands_that_print_it() -> None:
    rows = {"model": {"ssim": 1.0}, "non-local means": {"ssim": 0.5}}
    assert quality.entry("p", "d", "m", rows)["command"] == "synthcore bench ct-denoise"
    thighs, abdomen = (
        next(q for q in find_bundle("ct-denoise-body").card.block["quality"] if name in q["data"])
        for name in ("thigh", "abdomen")
    )
    rows["RED-CNN"] = {"ssim": 0.6}
    assert quality.entry("p", "d", "m", rows)["command"] == abdomen["command"]
    train = "synthcore train ct-denoise-body"
    assert quality.entry("p", "d", "m", rows, train)["command"] == thighs["command"]


def test_one_changed_byte_of_the_weights_is_found(tmp_path: Path) -> None:
    folder, _ = _publish(tmp_path)
    weights = folder / "models" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    with pytest.raises(ModelError):
        verify_weights(open_bundle(folder))


def test_a_model_folder_is_never_written_over(tmp_path: Path) -> None:
    _publish(tmp_path)
    with pytest.raises(InputError, match="already"):
        _publish(tmp_path)
