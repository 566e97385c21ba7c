"""The record file beside a DICOM series is part of what is verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from SynthCore.cli.main import main
from SynthCore.dicom.write import export_dicom
from SynthCore.files.verify import verify_folder
from Testing.dicom.results import an_image, from_headers, headers, result_of

DIFFERS = "The record synthetic-CT.json beside the series is not the one in its files."


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A series with its record beside it, as `run` writes them; returns the record file."""
    record = export_dicom(result_of(from_headers(headers())), tmp_path / "out" / "synthetic-CT")
    path = tmp_path / "out" / "synthetic-CT.json"
    path.write_text(record.to_json() + "\n", encoding="utf-8")
    return path


def test_what_run_writes_verifies(beside: Path) -> None:
    assert verify_folder(beside.parent).sentences() == ()
    assert verify_folder(beside.with_suffix("")).sentences() == ()


def test_spaces_and_order_do_not_matter(beside: Path) -> None:
    record = json.loads(beside.read_text())
    beside.write_text(json.dumps(dict(reversed(record.items())), indent=2))
    assert verify_folder(beside.parent).ok


def edited(key: str, value: Any) -> Callable[[str], str]:
    def change(text: str) -> str:
        return json.dumps({**json.loads(text), key: value})

    return change


@pytest.mark.parametrize(
    "change",
    [
        edited("model", "another"),
        edited("options", {"seed": 8}),
        edited("added", 1),
        lambda text: "",
        lambda text: "null",
        lambda text: "[" * 100_000,
        lambda text: text[:-40],
    ],
)
def test_a_changed_record_is_found(beside: Path, change: Any) -> None:
    beside.write_text(change(beside.read_text()))
    assert verify_folder(beside.parent).findings == (DIFFERS,)
    assert verify_folder(beside.with_suffix("")).findings == (DIFFERS,)
    assert main(["verify", str(beside.parent)]) == 3


def test_from_within_the_folder(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside.write_text("{}")
    monkeypatch.chdir(beside.with_suffix(""))
    assert verify_folder(".").findings == (DIFFERS,)


def test_without_the_file_the_series_stands_for_itself(beside: Path) -> None:
    beside.unlink()
    assert verify_folder(beside.parent).ok


def test_the_record_of_another_series_is_found(beside: Path, tmp_path: Path) -> None:
    other = export_dicom(result_of(an_image()), tmp_path / "other")
    beside.write_text(other.to_json())
    assert verify_folder(beside.parent).findings == (DIFFERS,)


def test_what_an_ended_run_left_is_no_result(beside: Path) -> None:
    """Neither taken for one, nor held against the one that is there."""
    import shutil

    from SynthCore.errors import InputError

    folder = beside.parent
    left = folder / ".partial-1a2b"
    left.mkdir()
    shutil.copytree(folder / "synthetic-CT", left / "synthetic-CT")
    next((left / "synthetic-CT").iterdir()).unlink()
    found = verify_folder(folder)
    assert found.ok and any("was ended" in note for note in found.notes)
    shutil.rmtree(folder / "synthetic-CT")
    beside.unlink()
    with pytest.raises(InputError, match="no image"):
        verify_folder(folder)
