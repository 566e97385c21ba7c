"""Everything or nothing, and nothing over anything."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from SynthCore import staging
from SynthCore.errors import ComputationError, InputError
from SynthCore.staging import (
    named,
    new_files,
    new_folder,
    refuse_existing,
    refuse_files,
    refuse_filled,
    staged,
)

LONG = "n" * 5000


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("write", [staged, new_folder])
def test_a_folder_appears_with_its_parents_once_it_is_whole(tmp_path: Path, write: object) -> None:
    folder = tmp_path / "a" / "b"
    with write(folder) as stage:  # type: ignore[operator]
        (stage / "one").write_text("1")
        assert not (folder / "one").exists()
    assert names(tmp_path) == ["a", "b", "one"]
    assert folder.stat().st_mode & 0o055 == tmp_path.joinpath("a").stat().st_mode & 0o055


@pytest.mark.parametrize("write", [staged, new_folder, new_files])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_failure_leaves_nothing(tmp_path: Path, write: object, error: type) -> None:
    folder = tmp_path if write is new_files else tmp_path / "a" / "b"
    with pytest.raises(error), write(folder / "c") as stage:  # type: ignore[operator]
        path = stage[0] if write is new_files else stage / "one"
        path.write_text("1")
        raise error
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, PermissionError])
def test_a_failure_between_the_names_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    (tmp_path / "mine").write_text("stays")
    moves: list[Path] = []
    move = staging._take_name

    def interrupted(path: Path, target: Path) -> None:
        move(path, target)
        moves.append(target)
        if len(moves) % 2 == 0:
            raise error

    monkeypatch.setattr(staging, "_take_name", interrupted)
    with pytest.raises((error, InputError)), staged(tmp_path) as stage:
        (stage / "a").mkdir()
        for name in ("a/slice", "b", "c"):
            (stage / name).write_text("1")
    with pytest.raises((error, InputError)), new_files(tmp_path / "d", tmp_path / "e") as parts:
        for part in parts:
            part.write_text("1")
    assert names(tmp_path) == ["mine"] and len(moves) == 4


@pytest.mark.parametrize("form", ["folder", "file"])
def test_of_two_at_once_the_first_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Another run takes the names between the last look and the move."""
    move = staging._take_names
    own = tmp_path / "out" / "series"

    def late(moves: list[tuple[Path, Path]]) -> None:
        own.parent.mkdir(exist_ok=True)
        if form == "folder":
            own.mkdir()
            (own / "slice").write_text("the first")
        else:
            own.write_text("the first")
        move(moves)

    monkeypatch.setattr(staging, "_take_names", late)
    with pytest.raises(InputError, match="made meanwhile"), staged(tmp_path / "out") as stage:
        (stage / "a").write_text("of the second")
        if form == "folder":
            (stage / "series").mkdir()
            (stage / "series" / "slice").write_text("the second")
        else:
            (stage / "series").write_text("the second")
    kept = own / "slice" if form == "folder" else own
    assert kept.read_text() == "the first"
    assert {path.name for path in own.parent.iterdir()} == {"series"}


def test_an_empty_folder_stays_the_same_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the current folder, which has no name to take."""
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    with new_folder(Path()) as stage:
        (stage / "one").write_text("1")
        assert not (tmp_path / "one").exists()
    assert names(tmp_path) == ["one"]
    assert tmp_path.stat().st_ino == before


@pytest.mark.parametrize("write", [staged, new_folder, new_files])
def test_a_full_disk_is_named(tmp_path: Path, write: object) -> None:
    with pytest.raises(ComputationError, match="full"), write(tmp_path / "a"):  # type: ignore[operator]
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("mine")
    with pytest.raises(InputError, match="already holds one"), staged(tmp_path) as stage:
        (stage / "one").write_text("1")
    with pytest.raises(InputError, match="not empty"), new_folder(tmp_path):
        pass
    with (
        pytest.raises(InputError, match="already"),
        new_files(tmp_path / "two", tmp_path / "one") as parts,
    ):
        for part in parts:
            part.write_text("1")
    assert names(tmp_path) == ["one"]
    assert (tmp_path / "one").read_text() == "mine"


@pytest.mark.parametrize("write", [staged, new_folder, refuse_existing, refuse_filled])
def test_a_name_that_is_too_long_is_named_shortly(tmp_path: Path, write: object) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught:
        write(tmp_path / LONG).__enter__()  # type: ignore[operator]
    assert len(str(caught.value)) < 400
    assert names(tmp_path) == []


def test_other_errors_of_the_file_system_are_wrong_use(tmp_path: Path) -> None:
    assert type(named(PermissionError(errno.EACCES, "denied"), tmp_path)) is InputError


@pytest.mark.parametrize("refuse", [refuse_existing, refuse_filled])
def test_a_folder_that_cannot_be_written_is_refused_beforehand(
    tmp_path: Path, refuse: object
) -> None:
    (tmp_path / "file").write_text("1")
    for folder in (tmp_path / "file" / "out", Path("/proc") / "out" / "deeper"):
        with pytest.raises(InputError, match="cannot be written"):
            refuse(folder)  # type: ignore[operator]
    refuse(tmp_path / "new" / "out")  # type: ignore[operator]
    assert names(tmp_path) == ["file"]


def test_what_is_whole_is_not_thrown_away_for_a_disk_that_is_full_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are changed without taking room."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with staged(tmp_path / "out") as stage:
        (stage / "one").write_text("1")
        monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    assert names(tmp_path) == ["one", "out"]


def test_a_link_that_leads_nowhere_is_not_written_over(tmp_path: Path) -> None:
    """Its disk may be away."""
    link = tmp_path / "one"
    link.symlink_to(tmp_path / "away" / "one")
    with pytest.raises(InputError, match="already holds one"):
        refuse_existing(tmp_path, ("one",))
    with pytest.raises(InputError, match="already holds one"), staged(tmp_path) as stage:
        (stage / "one").write_text("1")
    with pytest.raises(InputError, match="one is there already"):
        refuse_files(link)
    with pytest.raises(InputError, match="one is there already"), new_files(link) as (part,):
        part.write_text("1")
    assert link.is_symlink() and names(tmp_path) == ["one"]


def test_a_name_that_is_too_long_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        refuse_files(tmp_path / LONG)
    with pytest.raises(InputError):
        refuse_existing(tmp_path, (LONG,))
