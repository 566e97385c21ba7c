"""What a real worker answers to a teach message, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from SynthCore.image import Image
from SynthCore.protocol import MAX_HEADER
from SynthCore.worker.teaching import MOST_PAGE
from Testing.teaching.a_head import LESION, head, lesion
from Testing.worker.process import Worker


def a_case(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Größe <b>",
        "question": "What is it?",
        "answer": "Glioma",
        "coordinates": "RAS",
        "series": [
            {"role": "T1c", "path": "first", "compare": "before", "synthetic": True},
            {"role": "FLAIR", "path": "second"},
        ],
        "key": [{"series": "T1c", "point": [-LESION[0], -LESION[1], LESION[2]]}],
        "truth": {"path": "truth", "name": "Tumor"},
        **changes,
    }


def volumes() -> dict[str, Image]:
    first = head(with_lesion=True)
    return {
        "first": first,
        "before": head(with_lesion=False),
        "second": replace(first, modality="FLAIR"),
        "truth T1c": first.with_voxels(lesion()),
    }


def test_a_page_comes_back(worker: Worker) -> None:
    number = worker.send("teach", {"case": a_case()}, **volumes())
    *progress, last = worker.until(number)[number]
    assert last.type == "result", last.body
    page = last.body["page"]
    assert page.startswith("<!DOCTYPE html>") and "Glioma" not in page and "Größe" in page
    assert last.body["synthetic"] is True and last.body["bytes"] == len(page.encode())
    fractions = [event.body["fraction"] for event in progress]
    assert fractions == sorted(fractions) and fractions
    assert 1.5 * MOST_PAGE < MAX_HEADER


@pytest.mark.parametrize(
    ("case", "left_out", "words"),
    [
        ({"title": ""}, "", "title"),
        ({"series": []}, "", "shows no images"),
        ({}, "second", "brings no volume 'second'"),
        ({}, "truth T1c", "truth does not lie"),
        ({"key": [{"series": "T1c", "point": [999, 0, 0]}]}, "", "outside T1c"),
    ],
)
def test_what_is_wrong_is_told(
    worker: Worker, case: dict[str, Any], left_out: str, words: str
) -> None:
    given = {name: image for name, image in volumes().items() if name != left_out}
    answer = worker.ask("teach", {"case": a_case(**case)}, **given)
    assert answer.type == "error" and answer.body["kind"] == "input", answer.body
    assert words in answer.body["message"]


def test_a_message_without_a_case_is_told(worker: Worker) -> None:
    answer = worker.ask("teach", {}, **volumes())
    assert answer.type == "error" and "not a table" in answer.body["message"]
