"""The config of a classical model is as untrusted as that of a network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from SynthCore.errors import ModelError
from SynthCore.models.bundle import Bundle, open_bundle
from SynthCore.models.classical.bulk_density import BulkDensity
from SynthCore.models.library import find_bundle
from SynthCore.models.methods import load_method

PLACE = "SynthCore.models.classical"
BULK = f"{PLACE}.bulk_density.BulkDensity"
NLM = f"{PLACE}.non_local_means.NonLocalMeans"
TABLES = f"{PLACE}.sequence_regression.SequenceRegression"
ROW = ["T1", "T2", [1.0, 2.0], [0.1, 0.2]]


def bundle_with(folder: Path, config: str) -> Bundle:
    (folder / "configs").mkdir()
    block = {
        "id": "a-model", "task": "mr-to-ct", "inputs": ["T1"], "target": "CT", "unit": "HU",
        "kind": "classical",
    }  # fmt: skip
    metadata = json.dumps({"version": "1.0.0", "synthcore": block})
    (folder / "configs" / "metadata.json").write_text(metadata)
    (folder / "configs" / "inference.json").write_bytes(config.encode("latin-1"))
    return open_bundle(folder)


def method(target: object, **values: Any) -> str:
    return json.dumps({"method_def": {"_target_": target, **values}})


def test_right_values_make_the_method(tmp_path: Path) -> None:
    made = load_method(bundle_with(tmp_path, method(BULK, air=-990, bone=600.5)))
    assert made == BulkDensity(air=-990, bone=600.5)


@pytest.mark.parametrize(
    "config",
    ["[" * 100_000, "", "[]", "{}", '{"method_def": 3}', '{"method_def": {}}', "\xff"],
)
def test_a_config_that_names_no_method(tmp_path: Path, config: str) -> None:
    with pytest.raises(ModelError):
        load_method(bundle_with(tmp_path, config))


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "torch.nn.Linear",
        f"{PLACE}.base.Job",
        f"{PLACE}.base.ClassicalModel",
        f"{PLACE}.bulk_density.SKIN_MM",
        "SynthCore.models.normalize.Normalization",
        "SynthCore.models.card.Card",
        ["a"],
        None,
    ],
)
def test_what_is_no_method_is_not_made(tmp_path: Path, target: object) -> None:
    with pytest.raises(ModelError, match=r"asks for|not a classical method"):
        load_method(bundle_with(tmp_path, method(target)))


@pytest.mark.parametrize(
    ("target", "values"),
    [
        (BULK, {"air": "x"}),
        (BULK, {"air": True}),
        (BULK, {"air": None}),
        (BULK, {"air": [1]}),
        (BULK, {"air": float("nan")}),
        (BULK, {"air": 10**400}),
        (BULK, {"water": 0.0}),
        (BULK, {"__init__": 1}),
        (NLM, {"patch_size": 5.5}),
        (NLM, {"patch_size": 0}),
        (NLM, {"patch_distance": 10**9}),
        (NLM, {"strength": -1.0}),
        (TABLES, {}),
        (TABLES, {"edges": 3, "tables": [ROW]}),
        (TABLES, {"edges": [0, "a", 2], "tables": [ROW]}),
        (TABLES, {"edges": [2, 1, 0], "tables": [ROW]}),
        (TABLES, {"edges": [0, 1, 2, 3], "tables": [ROW]}),
        (TABLES, {"edges": [0, 1, 2], "tables": [ROW[:3]]}),
        (TABLES, {"edges": [0, 1, 2], "tables": [[1, *ROW[1:]]]}),
        (TABLES, {"edges": [0, 1, 2], "tables": ["T1T2"]}),
    ],
)
def test_values_are_of_the_types_that_the_method_takes(
    tmp_path: Path, target: str, values: dict[str, Any]
) -> None:
    with pytest.raises(ModelError, match="not take"):
        load_method(bundle_with(tmp_path, method(target, **values)))


def test_a_table_of_the_right_shape_is_taken(tmp_path: Path) -> None:
    load_method(bundle_with(tmp_path, method(TABLES, edges=[0, 1, 2], tables=[ROW])))


def test_the_baseline_of_heads_refuses_by_the_figures_of_the_learned_model() -> None:
    baseline, learned = (
        find_bundle(name).card for name in ("mr-sequence-regression", "mr-sequence-brain")
    )
    assert baseline.input_statistics.keys() == learned.input_statistics.keys()
    assert baseline.block["input_statistics"] == learned.block["input_statistics"]
