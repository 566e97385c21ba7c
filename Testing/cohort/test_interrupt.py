"""Ctrl+C leaves nothing half, and the same command goes on to the same voxels."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from Testing.cohort.running import WITHIN_S, Running, four_legs
from Testing.cohort.tables import BULK, NIFTI, batch, outcomes, same_results, temporary

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGINT for one process"
)


@pytest.mark.parametrize("workers", [(), ("--workers", "2")], ids=["alone", "two workers"])
def test_an_interrupted_batch_goes_on(tmp_path: Path, workers: tuple[str, ...]) -> None:
    table, out = four_legs(tmp_path / "in"), tmp_path / "out"
    running = Running(table, out, *workers)
    running.wait_for(": done")
    running.interrupt()
    assert running.end() == 130
    assert "The same command goes on." in running.told
    assert "Traceback" not in running.told
    stopped = outcomes(out)
    done = [name for name, became in stopped.items() if became == "done"]
    assert 1 <= len(done) < 4
    assert "waiting" in stopped.values()
    assert sorted(p.name for p in out.iterdir() if p.is_dir()) == [".batch", *done]
    for name in done:
        assert len(list((out / name).iterdir())) == 3
    assert not temporary(out)
    assert batch(table, out, *BULK, *NIFTI) == 0
    after = outcomes(out)
    assert {name for name, became in after.items() if became == "skipped"} == set(done)
    assert set(after.values()) == {"skipped", "done"}
    if workers:
        assert batch(table, tmp_path / "alone", *BULK, *NIFTI) == 0
        same_results(tmp_path / "alone", out, ["a", "b", "c", "d"])


def test_stopped_before_its_first_case_it_goes_on_as_well(tmp_path: Path) -> None:
    table, out = four_legs(tmp_path / "in"), tmp_path / "out"
    running = Running(table, out, "--workers", "2")
    end = time.monotonic() + WITHIN_S
    while not (out / ".batch" / "lock").exists():
        assert time.monotonic() < end, running.told
        time.sleep(0.01)
    running.interrupt()
    assert running.end() == 130
    if not out.exists():  # nothing had begun: nothing is left
        out = tmp_path / "other"
    assert batch(table, out, *BULK, *NIFTI) == 0
