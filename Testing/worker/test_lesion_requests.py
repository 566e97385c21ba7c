"""What a real worker answers to a lesion and to a remove message, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from SynthCore.image import Image, Source
from SynthCore.lesions.kinds import KINDS
from SynthCore.lesions.place import place
from SynthCore.lesions.wish import LesionWish
from SynthCore.protocol import unpack
from SynthCore.request import SynthesisRecord
from Testing.lesions.brain_phantom import brain
from Testing.lesions.head_phantom import stripped_head
from Testing.worker.process import Worker

AT = [34.0, 0.0, 6.0]
IMAGES = brain(("T1", "FLAIR"), step_mm=3.0, slice_mm=4.0)
T1 = {"T1": IMAGES["T1"]}


def wish(**changes: Any) -> dict[str, Any]:
    return {"wish": {"kind": "glioma", "volume_ml": 3.0, "at": AT, "seed": 2, **changes}}


def grown(dates: Any, **more: Any) -> dict[str, Any]:
    return {**wish(), "growth": {"dates": dates, **more}}


def in_frame(image: Image, uid: str) -> Image:
    header = Dataset()
    header.FrameOfReferenceUID = uid
    return replace(image, source=Source(headers=(header,)))


def test_hello_names_the_kinds(worker: Worker) -> None:
    told = {kind["name"]: kind for kind in worker.ask("hello").body["lesions"]}
    assert list(told) == list(KINDS)
    assert told["glioma"]["organ"] == "brain" and "CT" in told["glioma"]["roles"]
    assert told["glioma"]["sites"][0] == "deep-white-matter"
    assert told["glioma"]["volume_ml"] == [0.5, 150.0]


def test_the_lesion_is_that_of_the_engine_with_its_truth(worker: Worker) -> None:
    number = worker.send("lesion", wish(), **IMAGES)
    *progress, last = worker.until(number)[number]
    assert last.type == "result", last.body
    expected = place(IMAGES, LesionWish("glioma", 3.0, at=(34.0, 0.0, 6.0), seed=2))
    made = unpack(last)
    assert list(made) == ["T1", "FLAIR", "mask", "parts"]
    for role in IMAGES:
        assert np.array_equal(made[role].voxels, expected.images[role].voxels)
        assert made[role].same_grid(IMAGES[role]) and made[role].modality == role
        record = SynthesisRecord.from_json(last.body["records"][role])
        assert (record.task, record.target) == ("lesion", role)
        assert set(record.inputs) == set(IMAGES)
        assert record.output["sha256"] == made[role].sha256()
    assert np.array_equal(made["mask"].voxels, expected.mask.voxels)
    assert np.array_equal(made["parts"].voxels, expected.parts.voxels)
    assert last.body["part_names"] == {"1": "edema", "2": "enhancing tumor", "3": "necrosis"}
    assert last.body["volume_ml"] == pytest.approx(3.0, rel=0.02)
    assert np.linalg.norm(np.subtract(last.body["center_lps"], AT)) < 6
    assert last.body["title"].startswith("Glioma") and last.body["card"]["id"] == "lesion-physics"
    fractions = [event.body["fraction"] for event in progress]
    assert fractions == sorted(fractions) and len(fractions) > 3


def test_a_growing_lesion_is_told_date_by_date(worker: Worker) -> None:
    asked = grown(["2024-01-01", "2024-04-10"], doubling_days=100)
    last = worker.ask("lesion", asked, **T1)
    assert last.type == "result", last.body
    volumes, dates = unpack(last), last.body["dates"]
    assert list(volumes) == ["0 T1", "0 mask", "0 parts", "1 T1", "1 mask", "1 parts"]
    assert [one["date"] for one in dates] == ["2024-01-01", "2024-04-10"]
    assert [one["volume_ml"] for one in dates] == pytest.approx([3.0, 6.0], rel=0.02)
    assert last.body["volume_ml"] == dates[1]["volume_ml"]
    assert not (volumes["0 mask"].voxels & ~volumes["1 mask"].voxels).any()
    first, second = (one["study"] for one in dates)
    assert (first["date"], second["date"]) == ("20240101", "20240410")
    assert first["uid"] != second["uid"]
    assert {k: first[k] for k in ("frame_of_reference", "patient_id")} == {
        k: second[k] for k in ("frame_of_reference", "patient_id")
    }
    assert dates[0]["finding"]["kind"] == "glioma"
    assert dates[0]["tissues"][0]["label"] == "edema"
    for number, one in enumerate(dates):
        record = SynthesisRecord.from_json(one["records"]["T1"])
        assert record.output["sha256"] == volumes[f"{number} T1"].sha256()


@pytest.mark.parametrize("growth", [{}, {"dates": ["2024-01-01"], "doubling_days": 100}])
def test_the_border_is_blended_if_that_is_asked(worker: Worker, growth: dict[str, Any]) -> None:
    """The same lesion; only its border differs, and what did it is told."""
    head = {"T1": stripped_head()}
    body: dict[str, Any] = {
        "wish": {"kind": "infarct", "volume_ml": 9.0, "at": [28.0, 12.0, 28.0], "seed": 1}
    }
    body |= {"growth": growth} if growth else {}
    plain, blended = (
        worker.ask("lesion", {**body, "blend": blend}, **head) for blend in (False, True)
    )
    assert blended.type == "result", blended.body
    before, after = (list(unpack(one).values()) for one in (plain, blended))
    assert np.array_equal(before[1].voxels, after[1].voxels), "the mask"
    share = float(np.mean(before[0].voxels != after[0].voxels))
    assert 0 < share < 0.02, "a thin shell"
    assert not [w for w in blended.body["warnings"] if "not blended" in w]


REFUSED: list[tuple[dict[str, Any], dict[str, Image], str]] = [
    (wish(at=[34.0, 0.0, 900.0]), IMAGES, "outside of the image"),
    (wish(at=[62.0, 76.0, 60.0]), IMAGES, "does not lie in the brain"),
    (wish(kind="lung-nodule-solid", at=None), {"CT": replace(IMAGES["T1"], modality="CT")}, ""),
    (wish(), {"T1": in_frame(IMAGES["T1"], "1.2.3"), "FLAIR": in_frame(IMAGES["FLAIR"], "1.2.4")},
     "or leave it out"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "volumes", "why"), REFUSED, ids=["far", "air", "lung", "frame"])
def test_where_it_cannot_lie_it_is_refused_in_a_sentence(
    worker: Worker, body: dict[str, Any], volumes: dict[str, Image], why: str
) -> None:
    answer = worker.ask("lesion", body, **volumes)
    assert answer.type == "refused", answer.body
    assert why in answer.body["message"] and answer.body["message"].endswith(".")


WRONG: list[tuple[dict[str, Any], dict[str, Image], str]] = [
    ({}, T1, "no wish"),
    ({"wish": {"kind": "glioma"}}, T1, "no wish"),
    (wish(), {}, "brings no image"),
    (wish(), {**T1, "mask": IMAGES["T1"]}, "'mask': no role"),
    (wish(kind="nevus"), T1, "no kind of lesion 'nevus'"),
    (wish(kind=["glioma"]), T1, "field kind"),
    (wish(kind="lung-nodule-solid"), T1, "is not placed in T1"),
    (wish(volume_ml="big"), T1, "field volume_ml"),
    (wish(volume_ml=900), T1, "ask for"),
    (wish(volume_ml=None), T1, "field volume_ml"),
    (wish(at=[1, 2]), T1, "field at"),
    (wish(at=[1e300, 2, 3]), T1, "field at"),
    (wish(seed=1.5), T1, "field seed"),
    (wish(seed=-1), T1, "field seed"),
    (wish(site="cortical"), T1, "not by both"),
    (wish(at=None, site="moon"), T1, "no site 'moon'"),
    (wish(contrast=True), T1, "field contrast"),
    (wish(color="red"), T1, "'color': unknown"),
    (wish(at=None, side="up"), T1, "no side 'up'"),
    (wish(region=["deep"]), T1, "field region"),
    (grown([]), T1, "1 to 24 dates"),
    (grown("2024-01-01"), T1, "no list of dates"),
    (grown(["2024-01-01", "soon"]), T1, "no list of dates"),
    (grown([None]), T1, "no list of dates"),
    (grown(["2024-01-01"] * 30), T1, "too many dates"),
    (grown(["2024-03-01", "2024-01-01"], doubling_days=50), T1, "does not lie after"),
    (grown(["2024-01-01"], doubling_days="fast"), T1, "doubling time"),
    (grown(["2024-01-01"], doubling_days=-3), T1, "above 0"),
    (grown(["2024-01-01"], volumes_ml=["large"]), T1, "invalid volumes"),
    ({**wish(), "growth": 3}, T1, "not an object"),
    ({**wish(), "blend": "yes"}, T1, "neither true nor false"),
]


@pytest.mark.parametrize(("body", "volumes", "why"), WRONG, ids=[str(one[0]) for one in WRONG])
def test_what_cannot_be_meant_is_an_input_error(
    worker: Worker, body: dict[str, Any], volumes: dict[str, Image], why: str
) -> None:
    answer = worker.ask("lesion", body, **volumes)
    assert answer.type == "error" and answer.body["kind"] == "input", answer.body
    assert why in answer.body["message"], answer.body["message"]


def test_one_is_cancelled_and_the_next_is_made(worker: Worker) -> None:
    number = worker.send("lesion", wish(), **IMAGES)
    first = worker.next()
    assert first is not None and first.id == number
    stop = worker.send("cancel", {"request": number})
    assert worker.until(number, stop)[number][-1].type == "cancelled"
    assert worker.ask("lesion", wish(kind="ms-plaques", at=None), **T1).type == "result"


def a_mask(on: Image) -> Image:
    """A ball in the white matter."""
    k, j, i = np.indices(on.shape)
    away = np.stack([i, j, k], axis=-1) @ on.affine[:3, :3].T + on.affine[:3, 3] - AT
    return on.with_voxels((np.linalg.norm(away, axis=-1) < 8).astype(np.uint8), modality="")


def test_a_lesion_is_removed_from_every_sequence_together(worker: Worker) -> None:
    mask = a_mask(IMAGES["T1"])
    sick = {
        role: image.with_voxels(np.where(mask.voxels > 0, np.float32(1500), image.voxels))
        for role, image in IMAGES.items()
    }
    body = {"margin_mm": 3, "model": "inpaint-biharmonic", "seed": 4, "device": "cpu"}
    number = worker.send("remove", body, **sick, mask=mask)
    *progress, last = worker.until(number)[number]
    assert last.type == "result", last.body
    made = unpack(last)
    assert list(made) == ["T1", "FLAIR", "anomaly T1", "anomaly FLAIR"]
    inside = mask.voxels > 0
    for role, image in sick.items():
        changed = made[role].voxels != image.voxels
        assert changed[inside].mean() > 0.95 and 1 < changed.sum() / inside.sum() < 3
        healthy = float(np.median(IMAGES[role].voxels[inside]))
        assert float(np.median(made[role].voxels[inside])) == pytest.approx(healthy, rel=0.1)
        assert made["anomaly " + role].voxels[inside].mean() > 3
        record = SynthesisRecord.from_json(last.body["records"][role])
        assert (record.task, record.target) == ("inpaint", role)
        assert record.options["remove"]["margin_mm"] == 3
        assert record.output["sha256"] == made[role].sha256()
        assert last.body["cards"][role]["task"] == "inpaint"
    fractions = [event.body["fraction"] for event in progress]
    assert fractions == sorted(fractions) and len(fractions) > 3


WRONG_REMOVALS: list[tuple[dict[str, Any], dict[str, Image], str]] = [
    ({}, T1, "no mask"),
    ({}, {"mask": a_mask(IMAGES["T1"])}, "brings no image"),
    ({"margin_mm": "wide"}, {**T1, "mask": a_mask(IMAGES["T1"])}, "field margin_mm"),
    ({"margin_mm": 99}, {**T1, "mask": a_mask(IMAGES["T1"])}, "give 0 to 15"),
    ({"seed": -3}, {**T1, "mask": a_mask(IMAGES["T1"])}, "field seed"),
    ({"model": 5}, {**T1, "mask": a_mask(IMAGES["T1"])}, "field model"),
    ({}, {**T1, "mask": replace(a_mask(IMAGES["T1"]), voxels=0 * IMAGES["T1"].voxels)},
     "does not lie in the T1"),
    ({}, {"CBCT": IMAGES["T1"], "mask": a_mask(IMAGES["T1"])}, "not removed from CBCT"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "volumes", "why"), WRONG_REMOVALS, ids=[one[2] for one in WRONG_REMOVALS]
)
def test_a_wrong_removal_is_an_input_error(
    worker: Worker, body: dict[str, Any], volumes: dict[str, Image], why: str
) -> None:
    answer = worker.ask("remove", body, **volumes)
    assert answer.type == "error" and answer.body["kind"] == "input", answer.body
    assert why in answer.body["message"], answer.body["message"]
