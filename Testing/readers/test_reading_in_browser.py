"""A study of twenty images read end to end in a real browser, served and from one file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from SynthCore.readers.answer_files import read_answers
from SynthCore.readers.answers import Answer, answer_line
from SynthCore.readers.page import items_of, write_page
from SynthCore.readers.server import open_server
from SynthCore.readers.study import Study, Truths, open_key
from Testing.browser import OpenPage
from Testing.readers.independent import check_report
from Testing.readers.reading import begin, by_clicks, by_keys, finished, opinion, waits_for
from Testing.readers.studies import CLUE


@contextmanager
def serving(study: Study, reader: str, *options: str) -> Iterator[str]:
    """`synthcore readers serve` in a process of its own; ended as a person ends it."""
    command = [sys.executable, "-m", "SynthCore.cli.main", "readers", "serve", str(study.folder)]
    with subprocess.Popen(
        [*command, "--reader", reader, "--no-open", "--json", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        try:
            yield json.loads(line)["address"]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(10) == 0
                assert "answered" in process.stderr.read()
            finally:
                process.kill()


@contextmanager
def here(study: Study, reader: str, key: dict[str, Truths] | None = None) -> Iterator[str]:
    """The same server in a thread, which starts sooner."""
    with open_server(study, reader, key=key) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.address
        finally:
            server.shutdown()
            thread.join()


def same(answer: Answer, key: dict[str, Truths], reader: str) -> bool:
    given = opinion(reader, answer.item, key[answer.item])
    scores = (answer.confidence, answer.realism, answer.anatomy, answer.consistency)
    return scores == given.scores and answer.comment == given.comment


def test_a_study_end_to_end(
    study: Study, open_page: OpenPage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Served and from a file, by keys and by clicks, each closed in the middle; then the report."""
    key = open_key(study)
    with serving(study, "Anna") as address:
        page = open_page(address)
        begin(page)
        for _ in range(9):
            item = waits_for(page)
            by_keys(page, opinion("Anna", item, key[item]))
        page.close()
    with here(study, "Anna") as address:  # another day, another port
        page = open_page(address)
        expect(page.locator("#progress")).to_be_empty()
        begin(page)
        assert waits_for(page) == study.items[9]
        expect(page.locator("#progress")).to_contain_text("Case 10 of 22")
        for _ in range(13):
            item = waits_for(page)
            by_clicks(page, opinion("Anna", item, key[item]))
        finished(page)
        page.close()

    page_file = write_page(tmp_path / "study.html", study)
    page = open_page(page_file)
    begin(page, "Ben 2")
    for _ in range(7):
        item = waits_for(page)
        by_clicks(page, opinion("Ben 2", item, key[item]))
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(page_file.as_uri())
    begin(page, "ben 2")  # as somebody writes who comes back
    assert waits_for(page) == study.items[7]
    for _ in range(15):
        item = waits_for(page)
        by_keys(page, opinion("Ben 2", item, key[item]))
    finished(page)
    files = [study.folder / "answers" / "reader-anna.jsonl"]
    for kind in ("csv", "json"):
        with page.expect_download() as download:
            page.click(f"#{kind}")
        files.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(files[-1])
    assert [path.suffix for path in files] == [".jsonl", ".csv", ".json"]
    assert read_answers(files[1], study) == read_answers(files[2], study)

    for reader, path in (("Anna", files[0]), ("Ben 2", files[1])):
        answers = read_answers(path, study)
        assert [a.item for a in answers] == list(study.items)
        assert all(same(a, key, reader) for a in answers)
        assert all(0 < a.seconds < 20 for a in answers)

    cleo = tmp_path / "cleo.jsonl"  # did not finish
    lines = [answer_line(_given(study, "Cleo", item, key[item])) for item in study.items[:-2]]
    cleo.write_text("".join(lines))
    check_report(study, [*files[:2], cleo], tmp_path, capsys)


def _given(study: Study, reader: str, item: str, truth: Truths) -> Answer:
    given = opinion(reader, item, truth)
    return Answer(study.id, reader, item, *given.scores, 2.5, given.comment)


@pytest.mark.parametrize("served", [True, False], ids=["served", "one file"])
def test_teaching_reveals_truth_and_clue(
    served: bool, study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    key = open_key(study)
    items = items_of(study, key)
    assert len(items) == 20
    if served:
        with here(study, "dora", key) as address:
            _learn(open_page(address), "", items, key)
        answers = read_answers(study.folder / "answers" / "reader-dora.teach.jsonl", study)
    else:
        page_file = write_page(tmp_path / "teach.html", study, key=key)
        text = page_file.read_text()
        assert "too smooth" not in text and '"truth"' not in text
        page = open_page(page_file)
        _learn(page, "dora", items, key)
        for item in items[4:]:
            by_keys_taught(page, item, key)
        finished(page)
        with page.expect_download() as download:
            page.click("#json")
        download.value.save_as(tmp_path / "dora.json")
        answers = read_answers(tmp_path / "dora.json", study)
    assert answers[0].taught and answers[0].item == items[0]


def _learn(page: Page, name: str, items: tuple[str, ...], key: dict[str, Truths]) -> None:
    begin(page, name)
    truths = set()
    for item in items[:4]:
        truth = key[item]
        truths.add(truth.truth)
        by_keys_taught(page, item, key, stop=True)
        synthetic = truth.truth == "synthetic"
        expect(page.locator("#reveal-truth")).to_have_text(
            "It is SYNTHETIC." if synthetic else "It is real."
        )
        expect(page.locator("#truth-mark")).to_have_text("SYNTHETIC" if synthetic else "acquired")
        if truth.place is None:
            expect(page.locator("#clue")).to_be_hidden()
        else:
            expect(page.locator("#reveal-clue")).to_have_text(CLUE)
            expect(page.locator("#slices")).to_have_text(f"Slice {truth.place.slice + 1} of 3")
            ring, canvas = (page.locator(one).bounding_box() for one in ("#clue", "#canvas"))
            assert ring is not None and canvas is not None
            across = (ring["x"] + ring["width"] / 2 - canvas["x"]) / canvas["width"]
            # 20 mm left of the middle, which pixels from -89.5 mm in steps of 3 put here
            assert across == pytest.approx(((20 + 89.5) / 3 + 0.5) / 60, abs=0.01)
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
    assert truths == {"real", "synthetic"}


def by_keys_taught(page: Page, item: str, key: dict[str, Truths], *, stop: bool = False) -> None:
    expect(page.locator("body")).to_have_attribute("data-item", item)
    for score in opinion("dora", item, key[item]).scores:
        page.keyboard.press(str(score))
    page.keyboard.press("Enter")
    expect(page.locator("#reveal")).to_be_visible()
    if not stop:
        page.keyboard.press("Enter")


def test_time_stands_still_while_the_page_is_hidden(study: Study, open_page: OpenPage) -> None:
    key = open_key(study)
    with here(study, "eve") as address:
        page = open_page(address)
        begin(page)
        first = waits_for(page)
        _hide(page, True)
        page.wait_for_timeout(1500)
        _hide(page, False)
        by_keys(page, opinion("eve", first, key[first]))
        second = waits_for(page)
        page.wait_for_timeout(1200)
        page.reload()  # its time goes on where it stopped
        begin(page)
        assert waits_for(page) == second
        by_keys(page, opinion("eve", second, key[second]))
    times = [a.seconds for a in read_answers(study.folder / "answers/reader-eve.jsonl", study)]
    assert times[0] < 1.2 < times[1]


def _hide(page: Page, hidden: bool) -> None:
    """What a browser does when another tab is chosen; headless, no other tab hides this one."""
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true"
        " }); document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_an_unanswered_question_is_named_and_keys_beyond_it_do_nothing(
    study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(write_page(tmp_path / "page.html", study))
    page.keyboard.press("Enter")
    expect(page.locator("#intro-message")).to_contain_text("Give a name")
    begin(page, "f")
    waits_for(page)
    page.keyboard.press("6")
    page.keyboard.press("6")  # realism has five points
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("Realism")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("5")
    expect(page.locator("fieldset").nth(2).locator("[aria-pressed=true]")).to_have_text(
        "5 entirely"
    )
    expect(page.locator("fieldset").nth(1).locator("[aria-pressed=true]")).to_have_count(0)
    for _ in range(9):
        page.keyboard.press("ArrowUp")
    expect(page.locator("#slices")).to_have_text("Slice 1 of 3")


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (1920, 1080), (390, 800)])
def test_everything_is_on_the_screen(
    size: tuple[int, int], study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(write_page(tmp_path / "page.html", study), size)
    begin(page, "g")
    waits_for(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if size[0] > 1000:
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    expect(page.locator("header .mark")).to_have_text("SOME IMAGES ARE SYNTHETIC")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 16
