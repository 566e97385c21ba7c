"""Hands that slip and pages that are open twice: no answer is lost or changed by them."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import expect

from SynthCore.readers.page import write_page
from SynthCore.readers.study import Study, open_key
from Testing.browser import OpenPage
from Testing.readers.reading import begin, by_keys, opinion, waits_for
from Testing.readers.test_reading_in_browser import here


def test_of_two_tabs_the_first_answer_counts_and_none_is_lost(
    study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    key = open_key(study)
    page_file = write_page(tmp_path / "page.html", study)
    page = open_page(page_file)
    begin(page, "t")
    for _ in range(2):
        item = waits_for(page)
        by_keys(page, opinion("t", item, key[item]))
    other = page.context.new_page()
    other.goto(page_file.as_uri())
    begin(other, "t")
    for _ in range(3):
        item = waits_for(other)
        by_keys(other, opinion("t", item, key[item]))
    assert waits_for(other) == study.items[5]
    other.close()
    # the older tab answers what the other one has answered, and is closed
    assert waits_for(page) == study.items[2]
    page.keyboard.type("1111")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("Another window answered")
    last = page.context.new_page()
    page.close()
    last.goto(page_file.as_uri())
    begin(last, "t")
    assert waits_for(last) == study.items[5]
    kept = last.evaluate("local.answers.map((one) => [one.item, one.confidence])")
    assert kept == [[i, opinion("t", i, key[i]).confidence] for i in study.items[:5]]


def test_a_digit_too_many_changes_no_answer(
    study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(write_page(tmp_path / "page.html", study))
    begin(page, "d")
    waits_for(page)
    page.keyboard.type("15555")
    first = page.locator("fieldset").first.locator("[aria-pressed=true] b")
    expect(first).to_have_text("1")
    expect(page.locator("#message")).to_contain_text("All four are answered")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("6")
    expect(first).to_have_text("6")


def test_slices_are_reached_by_drag_and_slider(
    study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(write_page(tmp_path / "page.html", study))
    begin(page, "s")
    waits_for(page)
    box = page.locator("#picture").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 0.4 * box["height"], steps=4)
    page.mouse.up()
    expect(page.locator("#slices")).to_have_text("Slice 1 of 3")
    page.locator("#slider").fill("2")
    expect(page.locator("#slices")).to_have_text("Slice 3 of 3")
    page.keyboard.press("4")  # with the slider in focus
    expect(page.locator("fieldset").first.locator("[aria-pressed=true] b")).to_have_text("4")


def test_the_time_of_a_case_is_kept_while_it_is_seen(study: Study, open_page: OpenPage) -> None:
    """Whatever ends the program or the browser, at most three seconds are lost."""
    with here(study, "w") as address:
        page = open_page(address)
        begin(page)
        item = waits_for(page)
        started = time.monotonic()
        seen: dict[str, float] = {}
        while item not in seen:
            assert time.monotonic() - started < 30
            page.wait_for_timeout(200)
            seen = page.evaluate("fetch('state').then((reply) => reply.json())")["seen"]
        assert 0 < seen[item] < time.monotonic() - started + 1
        page.close()


def test_who_was_taught_by_a_page_is_not_asked_blindly(
    study: Study, open_page: OpenPage, tmp_path: Path
) -> None:
    key = open_key(study)
    page = open_page(write_page(tmp_path / "teach.html", study, key=key))
    begin(page, "Zoe")
    waits_for(page)
    page.keyboard.type("1111")
    page.keyboard.press("Enter")
    expect(page.locator("#reveal")).to_be_visible()
    page.goto(write_page(tmp_path / "page.html", study).as_uri())
    begin(page, "zoe")
    expect(page.locator("#intro-message")).to_contain_text("was taught with this study")
