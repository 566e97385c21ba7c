"""Several processes make what one makes, and one that ends takes its own case along, no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from Testing.cohort.running import Running, four_legs
from Testing.cohort.tables import (
    BULK,
    NIFTI,
    batch,
    outcomes,
    same_results,
    sheet,
    temporary,
    three_legs,
    write_table,
)


@pytest.mark.skipif(sys.platform == "win32", reason="processes are in no group there")
def test_processes_listen_on_loopback_and_fail_alone(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    table, out = four_legs(tmp_path / "in"), tmp_path / "out"
    running = Running(table, out, "--workers", "2")
    running.wait_for(": done")
    below = running.below()
    listening = {
        at.laddr.ip
        for process in [*below, *(one.parent() for one in below[:1])]
        for at in process.net_connections("inet")
        if at.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    computing = [one for one in below if "spawn_main" in " ".join(one.cmdline())]
    assert len(computing) == 2
    for process in computing:
        process.kill()
    assert running.end() == 4
    found = outcomes(out)
    failed = [name for name, became in found.items() if became == "failed"]
    assert 1 <= len(failed) <= 2
    assert list(found.values()).count("done") == 4 - len(failed)
    assert all("ended before its time" in sheet(out)[name]["sentence"] for name in failed)
    # what was half made goes with the next call, which makes those cases as well
    assert batch(table, out, *BULK, *NIFTI) == 0
    assert not temporary(out)


def test_a_cluster_that_is_there_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    from SynthCore.cohort import dask_cluster

    rows = three_legs(tmp_path / "in")
    table = write_table(tmp_path / "in" / "t.csv", rows)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        assert batch(table, tmp_path / "out", *BULK, *NIFTI, "--scheduler", address) == 0
        assert set(outcomes(tmp_path / "out").values()) == {"done"}
    # whichever way it was begun, it goes on either way, and gives the same
    assert batch(table, tmp_path / "out", *BULK, *NIFTI) == 0
    assert set(outcomes(tmp_path / "out").values()) == {"skipped"}
    assert batch(table, tmp_path / "alone", *BULK, *NIFTI) == 0
    same_results(tmp_path / "alone", tmp_path / "out", ["a", "b b", "c"])
    alone, there = sheet(tmp_path / "alone"), sheet(tmp_path / "out")
    assert [row["mae_hu"] for row in alone.values()] == [row["mae_hu"] for row in there.values()]
    monkeypatch.setattr(dask_cluster, "WITHIN_S", 1.0)
    capsys.readouterr()
    assert batch(table, tmp_path / "none", *BULK, "--scheduler", "tcp://127.0.0.1:9") == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_without_the_extra_it_is_named(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", three_legs(tmp_path))
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from SynthCore.cli.main import main\n"
        f"sys.exit(main(['batch', 'mr-to-ct', {str(table)!r}, '--out', {str(tmp_path / 'out')!r},"
        " '--workers', '2']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "pip install 'SynthCore[cohort]'" in ended.stderr
    assert not (tmp_path / "out").exists()
