"""A model folder is untrusted input."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from SynthCore.errors import InputError, ModelError
from SynthCore.models.allowlist import ALLOWED_MONAI, resolve
from SynthCore.models.build import build
from SynthCore.models.bundle import load_network, open_bundle, verify_weights
from SynthCore.models.library import find_bundle, list_bundles, rank
from SynthCore.models.methods import load_method
from SynthCore.models.networks import SliceUNet
from Testing.engine.conftest import an_identity_bundle as an_identity_bundle
from Testing.engine.conftest import write_bundle

Make = Callable[..., Path]


def edit(folder: Path, change: Callable[[dict[str, Any]], object], name: str = "metadata") -> None:
    path = folder / "configs" / f"{name}.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_every_model_that_comes_along_is_whole() -> None:
    bundles, problems = list_bundles()
    assert problems == ()
    assert {b.card.task for b in bundles} >= {"mr-to-ct", "ct-denoise", "inpaint", "mr-sequence"}
    for bundle in bundles:
        verify_weights(bundle)
        load = load_network if bundle.card.kind == "network" else load_method
        assert load(bundle) is not None
        assert (bundle.folder / "docs" / "README.md").is_file()
        assert "not cleared for clinical use" in (bundle.folder / "docs" / "README.md").read_text()


def test_one_changed_byte_in_the_weights_is_found(an_identity_bundle: Make) -> None:
    folder = an_identity_bundle()
    path = folder / "models" / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        load_network(open_bundle(folder))


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "torch.load",
        "torch.hub.load",
        "torch.nn.modules.module.os.system",
        "SynthCore.models.bundle.import_module",
        "SynthCore.models.networks.os",
        "torch.nn.functional.relu",
        "torch.nn.__builtins__",
        "monai.bundle.run",
        "monai.networks.nets.EfficientNetBN",
        "monai.networks.nets.FlexibleUNet",
        "monai.networks.nets.TorchVisionFCModel",
        "",
        None,
        3,
    ],
)
def test_nothing_outside_the_allow_list_is_called(target: Any) -> None:
    with pytest.raises(ModelError):
        build({"_target_": target, "command": "touch here"}, "a folder")


def test_arguments_are_plain_values_only() -> None:
    nested = {"_target_": "torch.nn.Conv2d", "in_channels": {"_target_": "os.system"}}
    with pytest.raises(ModelError, match="not plain"):
        build(nested, "a folder")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"in_features": 2, "out_features": 3, "device": "cpu"}, "device, which is not its to say"),
        ({"in_features": 2, "out_features": 3, "dtype": "float64"}, "dtype, which is not its"),
        ({"in_features": [1] * 65, "out_features": 3}, "a list of over 64"),
    ],
)
def test_a_definition_does_not_say_where_and_takes_no_long_lists(
    arguments: dict[str, Any], why: str
) -> None:
    with pytest.raises(ModelError, match=why):
        build({"_target_": "torch.nn.Linear", **arguments}, "a folder")


def test_an_allowed_network_is_made() -> None:
    made = build({"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 3}, "a folder")
    assert isinstance(made, torch.nn.Linear)
    assert resolve("torch.nn.Linear", "a folder") is torch.nn.Linear


@pytest.mark.parametrize("name", sorted(ALLOWED_MONAI))
def test_networks_of_monai_that_are_allowed_fetch_nothing(name: str) -> None:
    made = resolve(name, "a folder")
    assert issubclass(made, torch.nn.Module)
    taken = set(inspect.signature(made).parameters)
    assert not [one for one in taken if "pretrain" in one or one.endswith(("path", "url"))]


@pytest.mark.parametrize(
    "name",
    [
        "model.pt", "weights.pkl", "run.py", "lib.so", "model.ckpt", "run.sh", "w.dat", "y.npy",
        "x.pickle.bak", "z.joblib", "model", ".hidden", "LICENSE.pkl", "a.json.exe",
    ],
)  # fmt: skip
def test_a_file_of_another_format_refuses_the_folder(an_identity_bundle: Make, name: str) -> None:
    folder = an_identity_bundle()
    (folder / "models" / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        open_bundle(folder)


@pytest.mark.parametrize(
    "name", ["page.md", "log.png", "LICENSE", "LICENSE-data", "log.CSV", "note.txt"]
)
def test_a_harmless_file_does_not(an_identity_bundle: Make, name: str) -> None:
    folder = an_identity_bundle()
    (folder / name).write_bytes(b"text")
    assert open_bundle(folder).name == "identity"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_pipe_is_no_file(an_identity_bundle: Make) -> None:
    folder = an_identity_bundle()
    os.mkfifo(folder / "wait.json")
    with pytest.raises(ModelError, match=r"wait\.json"):
        open_bundle(folder)


def test_a_link_out_of_the_folder_is_refused(an_identity_bundle: Make, tmp_path: Path) -> None:
    folder = an_identity_bundle()
    try:
        (folder / "docs").symlink_to(tmp_path)
    except OSError:
        pytest.skip("this system does not let a test make links")
    with pytest.raises(ModelError, match="link"):
        open_bundle(folder)


def test_weights_of_another_network_are_named(an_identity_bundle: Make) -> None:
    folder = an_identity_bundle()
    path = folder / "models" / "model.safetensors"
    save_file({"other": torch.zeros(3)}, str(path))
    import hashlib

    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    edit(folder, lambda d: d["synthcore"].update(weights_sha256=sha))
    with pytest.raises(ModelError, match="do not fit"):
        load_network(open_bundle(folder))


def definition(folder: Path, **network: Any) -> None:
    edit(folder, lambda d: d["network_def"].update(network), "inference")


def test_a_network_larger_than_its_weights_takes_no_memory(an_identity_bundle: Make) -> None:
    """4 TB, if it were allocated: it is compared with the weights before."""
    folder = an_identity_bundle()
    text = {"_target_": "torch.nn.Linear", "in_features": 2**20, "out_features": 2**20}
    (folder / "configs" / "inference.json").write_text(json.dumps({"network_def": text}))
    with pytest.raises(ModelError, match="do not fit its network: bias"):
        load_network(open_bundle(folder))


def test_a_network_of_endless_layers_is_not_begun(an_identity_bundle: Make) -> None:
    """Layers take memory and time even where their weights take none."""
    folder = an_identity_bundle()
    text = {"_target_": "monai.networks.nets.UNet", "spatial_dims": 2, "in_channels": 1,
            "out_channels": 1, "channels": [4, 8], "strides": [2],
            "num_res_units": 10**8}  # fmt: skip
    (folder / "configs" / "inference.json").write_text(json.dumps({"network_def": text}))
    with pytest.raises(ModelError, match="num_res_units of over 64"):
        load_network(open_bundle(folder))


def test_weights_that_are_no_numbers_are_refused(an_identity_bundle: Make) -> None:
    """One backend would turn them into 0, and nobody would know."""
    import hashlib

    from safetensors.torch import load_file, save_file

    folder = an_identity_bundle()
    path = folder / "models" / "model.safetensors"
    weights = load_file(path)
    name = sorted(weights)[0]
    weights[name] = weights[name] * float("nan")
    save_file(weights, path)
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    edit(folder, lambda d: d["synthcore"].update(weights_sha256=sha))
    with pytest.raises(
        ModelError, match=f"weights {name} of the model .* contain values that are not numbers"
    ):
        load_network(open_bundle(folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: definition(folder, padding=0), r"gives \(1, 1, 30, 30\)"),
        (lambda folder: definition(folder, padding=10**6), "not one slice of the same size"),
        (lambda folder: definition(folder, stride=2), "not one slice of the same size"),
        (
            lambda folder: edit(folder, lambda d: d["synthcore"]["prepare"].update(slices=3)),
            "error",
        ),
    ],
)
def test_a_network_that_does_not_fit_its_card_is_named(
    an_identity_bundle: Make, change: Any, message: str
) -> None:
    folder = an_identity_bundle()
    change(folder)
    with pytest.raises(ModelError, match=message):
        load_network(open_bundle(folder))


def test_a_network_with_many_levels_may_want_more_than_the_smallest_tile(tmp_path: Path) -> None:
    network = SliceUNet(5, (2, 2, 2, 2, 2, 2), norm=False)
    target = "SynthCore.models.networks.SliceUNet"
    block = {"prepare": {"slices": 5, "multiple_of": 16}}
    folder = write_bundle(
        tmp_path / "deep", network, {"_target_": target, **network.arguments}, **block
    )
    with torch.no_grad():
        assert load_network(open_bundle(folder))(torch.zeros(1, 5, 32, 32)).shape == (1, 1, 32, 32)


@pytest.mark.parametrize(
    "value", [float("nan"), [[[[[[[[1]]]]]]]], {"a": 1}, "a" * 100, [float("inf")]]
)
def test_values_of_a_definition_are_plain(value: Any) -> None:
    with pytest.raises(ModelError, match="not plain"):
        build({"_target_": "torch.nn.Linear", "in_features": value}, "a folder")


def test_a_constructor_that_fails_is_named_in_one_line() -> None:
    with pytest.raises(ModelError, match="cannot be made") as caught:
        build({"_target_": "torch.nn.Conv2d", "in_channels": 3, "groups": 2}, "a folder")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "{}", '{"network_def": 3}', "\xff"])
def test_a_config_that_names_no_network(an_identity_bundle: Make, text: str) -> None:
    folder = an_identity_bundle()
    (folder / "configs" / "inference.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError):
        load_network(open_bundle(folder))


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a model"):
        open_bundle(tmp_path)


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match="mr-to-ct-bulk-density"):
        find_bundle("gpt")


def test_learned_models_rank_before_classical_ones() -> None:
    kinds = [b.card.kind for b in rank("ct-denoise", ["CT"], "CT")]
    assert kinds == sorted(kinds, key=lambda kind: kind != "network")
    assert "classical" in kinds
