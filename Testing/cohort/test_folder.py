"""One call at a time, whatever became of the one before; a case that two make has one result."""

from __future__ import annotations

import multiprocessing
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from SynthCore.cohort.batch import run_batch
from SynthCore.cohort.case import Case, Order
from SynthCore.cohort.dask_crew import _left
from SynthCore.cohort.folder import opened
from SynthCore.cohort.kept import KEPT, Kept, keep, kept_of
from SynthCore.cohort.one_case import run_case
from SynthCore.cohort.outcome import Outcome, failure
from SynthCore.cohort.table import read_cases
from SynthCore.engine.warm import Warm
from SynthCore.errors import CancelledError, InputError
from SynthCore.request import Options
from SynthCore.tasks import get_task
from Testing.cohort.running import four_legs
from Testing.cohort.tables import BULK, NIFTI, batch


def _enter(out: Path, inside: Path, start: float) -> None:
    time.sleep(max(0.0, start - time.time()))
    try:
        with opened(out):
            mark = inside / str(time.time_ns())
            mark.touch()
            time.sleep(0.3)
            assert len(list(inside.iterdir())) == 1
            mark.unlink()
    except InputError:
        return


def test_of_calls_that_begin_together_one_has_the_folder(tmp_path: Path) -> None:
    out, inside = tmp_path / "out", tmp_path / "inside"
    inside.mkdir()
    (out / KEPT).mkdir(parents=True)
    (out / KEPT / "lock").touch()  # of a call that a full disk or a kill ended as it began
    (out / KEPT / "a.json").write_text("{}")
    context = multiprocessing.get_context("spawn")
    start = time.time() + 6.0
    calls = [context.Process(target=_enter, args=(out, inside, start)) for _ in range(3)]
    for call in calls:
        call.start()
    for call in calls:
        call.join(60)
    assert [call.exitcode for call in calls] == [0, 0, 0]


def test_a_call_that_comes_to_nothing_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with opened(out):
        assert (out / KEPT).is_dir()
    assert not (tmp_path / "deep").exists()
    with opened(out):
        (out / "batch.csv").write_text("id\n")
    assert (out / KEPT).is_dir()
    with opened(out):  # and is not refused as somebody else's table
        pass


@pytest.fixture
def a_case(tmp_path: Path) -> tuple[Case, Order, Path]:
    table, out = four_legs(tmp_path / "in"), tmp_path / "out"
    (out / KEPT).mkdir(parents=True)
    (case, *_) = read_cases(table, get_task("mr-to-ct"), None, out)
    model = "mr-to-ct-bulk-density"
    return case, Order("mr-to-ct", model, model, Options(), "nifti"), out


def test_what_a_worker_that_was_left_behind_made_stays(a_case: tuple[Case, Order, Path]) -> None:
    case, order, out = a_case
    found: list[Outcome] = []

    def make() -> None:
        found.append(run_case(case, order, out, Warm()))

    both = [threading.Thread(target=make) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(120)
    found.append(run_case(case, order, out, Warm()))  # and one that begins after it
    assert [one.became for one in found] == ["done"] * 3
    kept = kept_of(out, case.id)
    assert kept is not None and kept.outcome.done
    assert (out / case.id / kept.outcome.record).is_file()


def test_what_it_made_of_other_files_or_in_another_way_is_not_taken(
    a_case: tuple[Case, Order, Path],
) -> None:
    case, order, out = a_case
    other = replace(case, paths={"T1": case.paths["T1"].replace("a.nii", "b.nii")})
    assert run_case(other, order, out, Warm()).done
    kept = kept_of(out, case.id)
    for found in (run_case(case, order, out, Warm()), _left(case, order, out, None)):
        assert found is not None
        assert (found.became, found.exit_code) == ("refused", 3)
        assert found.sentence.startswith("What stands under T1 is not what the result in the")
    seed = replace(order, options=Options(seed=3))
    found = run_case(other, seed, out, Warm())
    assert found.sentence.startswith("The result in the folder a was made otherwise (seed was 0")
    assert kept_of(out, case.id) == kept  # what is there is still known to the call that made it
    assert run_case(other, order, out, Warm()).done


def test_what_it_makes_of_other_files_meanwhile_is_not_taken(
    a_case: tuple[Case, Order, Path],
) -> None:
    case, order, out = a_case
    other = replace(case, paths={"T1": case.paths["T1"].replace("a.nii", "b.nii")})
    made: list[Outcome] = []

    def meanwhile(fraction: float, stage: str) -> None:
        if stage == "write" and not made:
            made.append(run_case(other, order, out, Warm()))

    found = run_case(case, order, out, Warm(), progress=meanwhile)
    assert [one.became for one in (*made, found)] == ["done", "refused"]
    assert run_case(other, order, out, Warm()).done


def test_a_process_that_ended_leaves_no_outcome_of_an_earlier_call(
    a_case: tuple[Case, Order, Path],
) -> None:
    case, order, out = a_case
    earlier = Kept(order.facts(case), {}, failure(case.id, "Of an earlier call."))
    keep(out, earlier)
    assert _left(case, order, out, kept_of(out, case.id)) is None
    assert _left(case, order, out, None) == earlier.outcome


def test_a_look_at_what_is_there_is_cancelled(a_case: tuple[Case, Order, Path]) -> None:
    case, order, out = a_case
    seen: list[str] = []
    with pytest.raises(CancelledError):
        run_batch(
            [case, case], order, out, progress=lambda fraction, stage: seen.append(stage),
            cancelled=lambda: bool(seen),
        )  # fmt: skip
    assert seen == ["look at what is there of a"]
    assert not (out / "a").exists()


def test_a_cluster_that_lost_its_workers_is_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("SynthCore.cohort.dask_crew.ALONE_S", 1.0)
    table, out = four_legs(tmp_path / "in"), tmp_path / "out"
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:

        def dismiss() -> None:
            while not (out / "a").exists():
                time.sleep(0.02)
            cluster.scale(0)

        threading.Thread(target=dismiss, daemon=True).start()
        command = [table, out, *BULK, *NIFTI, "--scheduler", cluster.scheduler_address]
        assert batch(*command) == 4
    err = capsys.readouterr().err
    assert "has no workers any more; the same command goes on" in err
    assert "Traceback" not in err
    assert batch(table, out, *BULK, *NIFTI) == 0
