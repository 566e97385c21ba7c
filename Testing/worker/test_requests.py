"""What a real worker process answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import SynthCore
from SynthCore.axes import toward_lps
from SynthCore.engine.synthesize import synthesize
from SynthCore.image import Image
from SynthCore.models.library import list_bundles
from SynthCore.protocol import unpack
from SynthCore.request import Options, SynthesisRecord
from SynthCore.tasks import TASKS
from SynthCore.training.extremity.reference import reference
from Testing.cli.studies import hounsfield
from Testing.worker.process import Worker, a_worker

Limb = Callable[..., Image]


def test_hello_says_who_and_what_and_on_which_devices(worker: Worker) -> None:
    body = worker.ask("hello").body
    assert body["version"] == SynthCore.__version__
    assert body["protocol"] == 1
    assert body["pid"] == worker.process.pid
    assert [task["name"] for task in body["tasks"]] == list(TASKS)
    cpu = next(device for device in body["devices"] if device["name"] == "cpu")
    assert "CPU" in cpu["label"]
    assert 0 < cpu["free_bytes"] <= cpu["total_bytes"]


def test_nothing_heavy_is_loaded_to_say_hello_or_name_models() -> None:
    heavy = ("torch", "openvino", "SimpleITK", "skimage", "scipy", "pydicom")
    probe = (
        "import sys, json; from SynthCore.worker import serve; from SynthCore.worker.listing "
        "import hello, models; hello(); models({'task': 'mr-to-ct'}); "
        f"print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_models_come_learned_first_with_a_line_and_a_card(worker: Worker) -> None:
    body = worker.ask("models", {"task": "mr-to-ct", "roles": ["T1"]}).body
    assert [m["kind"] for m in body["models"]] == ["network", "network", "classical"]
    learned = body["models"][0]
    assert learned["id"] == "mr-to-ct-extremity"
    assert "MAE" in learned["summary"]
    assert "\n" not in learned["summary"]
    assert learned["card"].startswith("#")


def test_models_are_those_that_can_work_from_the_roles_given(worker: Worker) -> None:
    def ids(**body: object) -> list[str]:
        return [m["id"] for m in worker.ask("models", body).body["models"]]

    everything = {b.name for b in list_bundles("mr-to-ct")[0]}
    assert set(ids(task="mr-to-ct")) == everything
    assert ids(task="mr-to-ct", roles=["T2"]) == ["mr-to-ct-head", "mr-to-ct-bulk-density"]
    assert ids(task="mr-to-ct", roles=["T1"], target="T2") == []


def test_a_folder_that_cannot_be_used_is_told(a_folder_of_models: Path) -> None:
    with a_worker(SYNTHCORE_MODELS=str(a_folder_of_models)) as worker:
        notes = worker.ask("models", {"task": "inpaint"}).body["notes"]
    assert len(notes) == 1
    assert "broken" in notes[0]
    assert str(a_folder_of_models) not in notes[0]


@pytest.mark.parametrize("backend", ["openvino", "torch"])
def test_a_result_is_what_the_engine_gives(
    worker: Worker, a_model: str, a_t1: Limb, backend: str
) -> None:
    image = a_t1()
    body = {"task": "mr-to-ct", "model": a_model, "options": {"backend": backend, "seed": 3}}
    cold = synthesize(
        "mr-to-ct", {"T1": image}, model=a_model, options=Options(seed=3, backend=backend)
    )
    for _ in range(2):  # the second time warm
        answer = worker.ask("synthesize", body, T1=image)
        assert answer.type == "result", answer.body
        made = unpack(answer)["image"]
        assert np.array_equal(made.voxels, cold.image.voxels)
        assert np.array_equal(made.affine, image.affine)
        assert (made.modality, made.unit) == ("CT", "HU")
        record = SynthesisRecord.from_json(answer.body["record"])
        assert record.output == cold.record.output
        assert record.inputs["T1"]["sha256"] == image.sha256()
        assert record.options == cold.record.options
        assert answer.body["model"] == "random-unet"
        assert answer.body["backend"] == backend
        assert answer.body["card"]["id"] == "random-unet"
        assert [c["name"] for c in answer.body["checks"]] == [c.name for c in cold.checks]
        assert 0 < answer.body["engine_seconds"] <= answer.body["seconds"]


def test_progress_rises_and_names_stages_and_the_time_left(
    worker: Worker, a_model: str, a_t1: Limb
) -> None:
    number = worker.send(
        "synthesize", {"task": "mr-to-ct", "model": a_model}, T1=a_t1((40, 300, 320))
    )
    *progress, last = worker.until(number)[number]
    assert last.type == "result"
    assert {event.type for event in progress} == {"progress"}
    fractions = [event.body["fraction"] for event in progress]
    assert fractions == sorted(fractions)
    stages = list(dict.fromkeys(event.body["stage"] for event in progress))
    assert stages == ["check", "prepare", "load", "synthesize", "finish"]
    left = [event.body["seconds_left"] for event in progress]
    assert left[0] is None
    assert all(seconds is None or seconds >= 0 for seconds in left)


def test_a_mask_travels_and_voxels_outside_it_stay(worker: Worker, a_t1: Limb) -> None:
    image = a_t1()
    region = np.zeros(image.shape, bool)
    region[4:7, 25:35, 30:42] = True
    mask = image.with_voxels(region)
    answer = worker.ask("synthesize", {"task": "inpaint", "target": "T1"}, T1=image, mask=mask)
    made = unpack(answer)["image"]
    assert np.array_equal(made.voxels[~region], image.voxels[~region])
    assert not np.array_equal(made.voxels[region], image.voxels[region])


def test_a_refusal_brings_the_checks(worker: Worker, a_t1: Limb) -> None:
    hu = a_t1().with_voxels(hounsfield((12, 60, 70)).astype(np.float32))
    answer = worker.ask("synthesize", {"task": "mr-to-ct"}, T1=hu)
    assert answer.type == "refused"
    assert "CT numbers" in answer.body["message"]
    refusing = [check for check in answer.body["checks"] if check["outcome"] == "refuse"]
    assert [check["name"] for check in refusing] == ["intensities of T1"]


def test_a_preview_is_a_slice_of_the_whole(worker: Worker, a_model: str, a_t1: Limb) -> None:
    image = a_t1()
    body = {"task": "mr-to-ct", "model": a_model}
    whole = unpack(worker.ask("synthesize", body, T1=image))["image"]
    point = (image.affine @ (30, 20, 5.2, 1))[:3].tolist()
    answer = worker.ask("preview", body | {"point": point}, T1=image)
    assert answer.body["preview"] is True
    made = unpack(answer)["image"]
    assert np.array_equal(made.voxels[0], whole.voxels[5])
    assert np.allclose(made.affine @ (3, 4, 0, 1), image.affine @ (3, 4, 5, 1))
    assert any("slice 6 of 12" in warning for warning in answer.body["warnings"])


def test_an_evaluation_brings_metrics_and_both_histograms(worker: Worker, a_t1: Limb) -> None:
    ct = a_t1().with_voxels(hounsfield((12, 60, 70)).astype(np.float32))
    ct = Image(ct.voxels, ct.affine, "CT", "HU")
    shifted = ct.with_voxels(ct.voxels + 10)
    answer = worker.ask("evaluate", {"task": "mr-to-ct"}, synthetic=shifted, reference=ct)
    assert answer.type == "result", answer.body
    found = answer.body["evaluation"]
    assert found["preset"] == "synthrad2023"
    assert found["metrics"]["me_hu"] == pytest.approx(10)
    assert answer.body["unit"] == "HU"
    histogram = answer.body["histogram"]
    assert len(histogram["edges"]) == 257
    for name in ("synthetic", "reference"):
        assert len(histogram[name]) == 256
        assert 0.95 < sum(histogram[name]) <= 1 + 1e-9
    edges, middle = np.array(histogram["edges"]), np.array(histogram["edges"][:-1])
    means = [float(np.dot(histogram[name], middle)) for name in ("synthetic", "reference")]
    assert means[0] > means[1]
    assert np.all(np.diff(edges) > 0)


def test_what_a_cone_beam_did_not_see_is_not_scored(worker: Worker, a_t1: Limb) -> None:
    ct = a_t1().with_voxels(hounsfield((12, 60, 70)).astype(np.float32))
    ct = Image(ct.voxels, ct.affine, "CT", "HU")
    cut = ct.voxels + 10
    cut[:, :, :30] = -3024.0
    for task, error in (("cbct-to-ct", 10.0), ("mr-to-ct", None)):
        answer = worker.ask("evaluate", {"task": task}, synthetic=ct.with_voxels(cut), reference=ct)
        found = answer.body["evaluation"]
        if error is None:
            assert abs(found["metrics"]["me_hu"]) > 100
        else:
            assert found["metrics"]["me_hu"] == pytest.approx(error)
            assert any("beyond the scan" in note for note in found["notes"])


def test_a_reference_on_another_grid_is_resampled_and_said_so(worker: Worker, a_t1: Limb) -> None:
    ct = a_t1().with_voxels(hounsfield((12, 60, 70)).astype(np.float32))
    ct = Image(ct.voxels, ct.affine, "CT", "HU")
    other = Image(ct.voxels[:, ::2, ::2], ct.affine @ np.diag([2.0, 2, 1, 1]), "CT", "HU")
    answer = worker.ask("evaluate", {"preset": "synthrad2023"}, synthetic=ct, reference=other)
    assert answer.type == "result", answer.body
    assert any("resampled" in note for note in answer.body["evaluation"]["notes"])


def test_an_evaluation_is_cancelled_between_two_metrics(worker: Worker) -> None:
    voxels = np.tile(hounsfield((12, 60, 70)).astype(np.float32), (4, 3, 3))
    ct = Image(voxels, np.diag([1.0, 1.0, 3.0, 1.0]), "CT", "HU")
    number = worker.send(
        "evaluate", {"preset": "synthrad2025"}, synthetic=ct.with_voxels(voxels + 10), reference=ct
    )
    stages = []
    while "MAE" not in stages:
        event = worker.next()
        assert event is not None and event.type == "progress", event
        stages.append(event.body["stage"])
    stop = worker.send("cancel", {"request": number})
    assert worker.until(number, stop)[number][-1].type == "cancelled"
    assert worker.ask("hello").type == "result"


def test_a_wrong_comparison_is_an_input_error(worker: Worker, a_t1: Limb) -> None:
    answer = worker.ask("evaluate", {"preset": "synthrad2023"}, synthetic=a_t1(), reference=a_t1())
    assert (answer.type, answer.body["kind"]) == ("error", "input")
    assert "HU" in answer.body["message"]
    alone = worker.ask("evaluate", {"preset": "synthrad2023"}, synthetic=a_t1())
    assert (alone.type, alone.body["kind"]) == ("error", "input")


@pytest.mark.data
def test_a_real_thigh_becomes_ct_by_the_learned_model(worker: Worker, real_data: Path) -> None:
    t1 = reference(real_data, "STS_010").pair.mr
    body = {"task": "mr-to-ct", "target": "CT"}
    k = t1.shape[0] // 2
    point = [float(v) for v in (t1.affine @ (t1.shape[2] / 2, t1.shape[1] / 2, k, 1))[:3]]
    seen = worker.ask("preview", body | {"point": point}, T1=t1)
    whole = worker.ask("synthesize", body, T1=t1)
    assert seen.type == whole.type == "result", (seen.body, whole.body)
    assert whole.body["model"] == "mr-to-ct-extremity"
    assert all(check["outcome"] != "refuse" for check in whole.body["checks"])
    made = unpack(whole)["image"]
    assert made.same_grid(t1)
    body_of_it = made.voxels[t1.voxels > np.percentile(t1.voxels, 80)]
    assert -200 < float(np.median(body_of_it)) < 150
    moved, _ = toward_lps(made)
    index = round(float((np.linalg.inv(moved.affine) @ (*point, 1.0))[2]))
    assert np.array_equal(unpack(seen)["image"].voxels[0], moved.voxels[index])
