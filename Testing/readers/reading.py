"""A scripted reader: what they answer to an item, by keys or by clicks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from SynthCore.readers.study import Truths


@dataclass(frozen=True)
class Given:
    """Answers to one item."""

    confidence: int
    realism: int
    anatomy: int
    consistency: int
    comment: str = ""

    @property
    def scores(self) -> tuple[int, int, int, int]:
        return self.confidence, self.realism, self.anatomy, self.consistency


def opinion(name: str, item: str, truth: Truths) -> Given:
    """Better than guessing, different for each reader, the same every time."""
    chance = hashlib.sha256(f"{name} {item}".encode()).digest()
    confidence = 1 + chance[0] % 6
    if chance[1] < 120:
        confidence = 6 - chance[0] % 2 if truth.truth == "synthetic" else 1 + chance[0] % 2
    lower = truth.truth == "synthetic" and chance[2] < 128
    realism = 1 + chance[3] % 5 - (1 if lower and chance[3] % 5 else 0)
    comment = f'odd, "{item[:3]}" =1' if chance[6] < 40 else ""
    return Given(confidence, realism, 1 + chance[4] % 5, 1 + chance[5] % 5, comment)


def begin(page: Page, name: str = "") -> None:
    """Past the first page, by keys."""
    if name:
        page.fill("#reader", name)
    page.keyboard.press("Enter")


def waits_for(page: Page) -> str:
    """The item shown, once it is."""
    expect(page.locator("body")).to_have_attribute("data-item", re.compile("[0-9a-f]{12}"))
    return page.locator("body").get_attribute("data-item") or ""


def left(page: Page, item: str) -> None:
    """Another item is shown, or the end."""
    expect(page.locator("body")).not_to_have_attribute("data-item", item)


def by_keys(page: Page, given: Given) -> None:
    """Scroll, answer, comment, go on: hands never leave the keys."""
    item = waits_for(page)
    page.keyboard.press("ArrowDown")
    for score in given.scores:
        page.keyboard.press(str(score))
    if given.comment:
        page.keyboard.press("c")
        page.keyboard.type(given.comment)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    left(page, item)


def by_clicks(page: Page, given: Given) -> None:
    """The same with a mouse."""
    item = waits_for(page)
    page.mouse.move(*_middle(page))
    page.mouse.wheel(0, 60)
    for fieldset, score in enumerate(given.scores):
        page.locator("fieldset").nth(fieldset).locator(f"button[data-value='{score}']").click()
    if given.comment:
        page.locator("#comment").click()
        page.keyboard.type(given.comment)
    page.locator("#next").click()
    left(page, item)


def finished(page: Page) -> None:
    expect(page.locator("#end")).to_be_visible()


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
