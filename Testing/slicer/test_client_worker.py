"""The client with the real worker: answers, cancels, a remote-like command, a steady heartbeat."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SlicerSynthLib.client import PATIENCE
from SynthCore.image import Image, make_affine
from SynthCore.protocol import unpack
from SynthCore.request import SynthesisRecord
from Testing.slicer.client_fixtures import REAL, Bench, Listener, a_volume, is_one_sentence
from Testing.slicer.heartbeat import LONGEST_GAP, LOOSE, measure_heartbeat

MakeBench = Callable[..., Bench]
FAST = {"task": "mr-to-ct", "model": "mr-to-ct-bulk-density"}
LOADED = 20.0

WRAPPER = '''
"""Stands for ssh: another process between the pipes, which passes on bytes and nothing else."""
import os, subprocess, sys, threading

engine = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

def pass_on(source, target):
    while chunk := os.read(source, 65536):
        while chunk:
            chunk = chunk[os.write(target, chunk):]

def there():
    pass_on(0, engine.stdin.fileno())
    engine.stdin.close()

threading.Thread(target=there, daemon=True).start()
pass_on(engine.stdout.fileno(), 1)
sys.exit(engine.wait())
'''


def a_ct() -> Image:
    """Large enough to be worked on for many seconds."""
    voxels = np.full((48, 384, 384), -1000, dtype=np.int16)
    voxels[:, 60:320, 40:340] = 40
    voxels += np.random.default_rng(5).normal(0, 20, voxels.shape).astype(np.int16)
    return Image(voxels, make_affine((1.0, 1.0, 2.0)), "CT", "HU")


def test_the_worker_answers_and_computes(a_bench: MakeBench) -> None:
    bench = a_bench(command=REAL)
    _, hello = bench.submit("hello")
    _, models = bench.submit("models", task="mr-to-ct", roles=["T1"])
    volume = a_volume((12, 40, 44))
    _, heard = bench.submit(volume=volume, **FAST)
    bench.until(lambda: hello.ended and models.ended and heard.ended)
    assert hello.types == models.types == heard.types == ["result"]
    assert [d["name"] for d in hello.last.body["devices"]][-1] == "cpu"
    assert FAST["model"] in [m["id"] for m in models.last.body["models"]]
    image = unpack(heard.last)["image"]
    assert image.same_grid(volume, 0.0)
    record = SynthesisRecord.from_json(heard.last.body["record"])
    assert record.model == FAST["model"]
    assert record.output["sha256"] == image.sha256()
    assert len(bench.processes) == 1
    assert bench.log == []


def test_what_the_worker_refuses_is_told_as_its_own(a_bench: MakeBench) -> None:
    bench = a_bench(command=REAL)
    _, wrong = bench.submit(volume=a_volume(), task="no-such-task")
    _, right = bench.submit(volume=a_volume((8, 32, 32)), **FAST)
    bench.until(lambda: wrong.ended and right.ended)
    assert wrong.types == ["error"]
    assert wrong.last.body["kind"] == "input"
    assert is_one_sentence(wrong.last.body["message"])
    assert right.types == ["result"]
    assert len(bench.processes) == 1


@pytest.mark.parametrize("wait", [0.0, 0.3, 1.0])
def test_a_computation_of_the_worker_is_cancelled_in_time(a_bench: MakeBench, wait: float) -> None:
    bench = a_bench(command=REAL)
    bench.ready()
    heard = Listener()
    body = {"task": "ct-denoise", "model": "ct-denoise-nlm"}
    ticket = bench.client.submit("synthesize", body, {"CT": a_ct()}, heard)
    bench.until(lambda: bench.client.busy)
    bench.poll_for(wait)
    assert not heard.ended, heard.last
    bench.client.cancel(ticket)
    assert bench.until(lambda: heard.ended) < PATIENCE * LOADED
    assert heard.types == ["cancelled"]
    _, next_one = bench.submit(volume=a_volume((8, 32, 32)), **FAST)
    bench.until(lambda: next_one.ended)
    assert next_one.types == ["result"]


def test_another_process_may_stand_between(a_bench: MakeBench, tmp_path: Path) -> None:
    wrapper = tmp_path / "like ssh.py"
    wrapper.write_text(WRAPPER)
    bench = a_bench(command=[sys.executable, str(wrapper), "HOST", *REAL])
    volume = a_volume((12, 40, 44))
    _, heard = bench.submit(volume=volume, **FAST)
    bench.until(lambda: heard.ended)
    assert heard.types == ["result"], heard.last
    assert unpack(heard.last)["image"].same_grid(volume, 0.0)


def test_the_window_stays_alive_during_a_synthesis(a_bench: MakeBench) -> None:
    bench = a_bench(command=REAL)
    volume = a_volume((64, 256, 256))
    _, heard = bench.submit(volume=volume, **FAST)
    heart = measure_heartbeat(bench.client.poll, lambda: heard.ended)
    assert heard.types == ["result"], heard.last
    assert np.isfinite(unpack(heard.last)["image"].voxels).all()
    assert len(heart.gaps) > 10
    assert heart.longest <= LOOSE * LONGEST_GAP, str(heart)
