"""The class page in a real browser with the network off: keys, pictures, answer, truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from SynthCore.teaching.page import write_page
from SynthCore.teaching.study import Study
from Testing.browser import OpenPage

EVIL = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


@pytest.fixture(scope="module")
def one_case(a_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("page") / "page.html", [a_study])


@pytest.fixture(scope="module")
def a_quiz(a_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = replace(a_study, series=a_study.series[:1])
    keyless = replace(small.case, key_images=(), series=small.case.series[:1])
    first = replace(keyless, title=EVIL, question=EVIL, choices=(EVIL, "No"), answer=EVIL)
    second = replace(keyless, title="Second", choices=(), answer="Only words")
    third = replace(keyless, title="Third", language="de", history="Größe: 5 µm")
    studies = [replace(small, case=case) for case in (first, second, third)]
    return write_page(tmp_path_factory.mktemp("quiz") / "quiz.html", studies)


@pytest.fixture
def page(open_page: OpenPage, one_case: Path) -> Iterator[Page]:
    yield open_page(one_case, (1024, 768))


def slice_shown(page: Page) -> int:
    return int(page.get_attribute("#stage", "aria-valuenow") or 0)


def picture(page: Page) -> str:
    return page.get_attribute("#picture", "src") or ""


def test_every_picture_of_the_page_loads(page: Page) -> None:
    broken, seen = page.evaluate(
        """async () => {
          const all = cases.flatMap(c => c.series.flatMap(s =>
            [...s.pictures.flat(), ...(s.compare ? s.compare.pictures.flat() : []),
             ...(s.truth || []).filter(Boolean)]));
          let broken = 0;
          for (const source of all) {
            const image = new Image();
            image.src = source;
            try { await image.decode(); } catch { broken += 1; continue; }
            if (!image.naturalWidth) broken += 1;
          }
          return [broken, all.length];
        }"""
    )
    assert broken == 0 and seen > 100
    assert page.evaluate("document.getElementById('picture').naturalWidth") > 0


@pytest.mark.parametrize("size", [(1600, 900), (1024, 768), (500, 900)])
@pytest.mark.parametrize("pages", ["one_case", "a_quiz"])
def test_the_picture_takes_the_room_there_is(
    open_page: OpenPage, pages: str, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    page = open_page(request.getfixturevalue(pages), size)
    stage, picture = (page.locator(one).bounding_box() for one in ("#stage", "#picture"))
    assert stage is not None and picture is not None
    assert stage["height"] > 0.5 * size[1]
    assert max(picture["height"] / stage["height"], picture["width"] / stage["width"]) > 0.95


def test_keys_wheel_and_drag_go_through_the_slices(page: Page) -> None:
    last = int(page.get_attribute("#stage", "aria-valuemax") or 0)
    start = slice_shown(page)
    before = picture(page)
    page.keyboard.press("ArrowDown")
    assert slice_shown(page) == start + 1 and picture(page) != before
    page.keyboard.press("ArrowUp")
    assert slice_shown(page) == start and picture(page) == before
    page.keyboard.press("PageDown")
    assert slice_shown(page) == start + round(last / 10)
    page.keyboard.press("Home")
    assert slice_shown(page) == 1
    page.keyboard.press("ArrowUp")
    assert slice_shown(page) == 1
    page.keyboard.press("End")
    assert slice_shown(page) == last
    page.hover("#stage")
    page.mouse.wheel(0, -120)
    page.wait_for_function(f"document.querySelector('#stage').ariaValueNow == {last - 1}")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - box["height"] / 4)
    page.mouse.up()
    assert 1 < slice_shown(page) < last - 3
    kept = slice_shown(page)
    page.mouse.move(x, y)
    assert slice_shown(page) == kept


def test_series_and_windows_change_by_key_and_keep_the_place(page: Page) -> None:
    place = page.inner_text("#which").rpartition(" · ")[2]
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#which").startswith("FLAIR")
    assert page.inner_text("#which").endswith(place)
    assert page.is_hidden("#mark")
    page.keyboard.press("ArrowLeft")
    assert page.is_visible("#mark")
    before = picture(page)
    page.keyboard.press("2")
    assert "wide" in page.inner_text("#which") and picture(page) != before
    page.keyboard.press("9")  # there is none
    assert "wide" in page.inner_text("#which")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#which").startswith("T1c sagittal")


def test_the_answer_is_hidden_until_it_is_revealed(page: Page) -> None:
    for key in ("t", "b", "a"):  # nothing to see yet
        page.keyboard.press(key)
    before = page.inner_text("body")
    for words in ("The ring is thick", "Tumor", "Thick ring", "enhancing", "ring sign", "Before"):
        assert words not in before
    assert page.is_hidden("#truth") and page.locator("#drawn .words").count() == 0
    page.get_by_label("Glioma").check()
    page.keyboard.press("Enter")
    after = page.inner_text("body")
    for words in ("✓ Right", "The ring is thick", "Tumor", "ring sign", "The enhancing ring"):
        assert words in after
    assert page.is_disabled("input[value='0']")
    assert page.is_hidden("#reveal")


def test_a_wrong_choice_is_told(page: Page) -> None:
    page.get_by_label("Abscess").check()
    page.click("#reveal")
    assert "✗ Not right" in page.inner_text("#answer-part")
    assert page.locator("label.wrong").inner_text() == "Abscess"
    assert page.locator("label.right").inner_text() == "Glioma"


def test_truth_and_before_are_toggled_once_the_answer_is_revealed(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.press("Home")
    page.keyboard.press("t")
    assert page.is_visible("#truth")  # the lesion is not in the first slice: another is shown
    assert slice_shown(page) > 1
    page.keyboard.press("Home")
    assert page.is_hidden("#truth")
    page.get_by_role("button", name="Key image 1: The enhancing ring").click()
    assert page.is_visible("#truth")
    assert page.evaluate("document.getElementById('truth').naturalWidth") > 0
    assert page.get_attribute("#truth-button", "aria-pressed") == "true"
    assert "W 900 L 700" in page.inner_text("#which")
    assert page.locator("#drawn .words").text_content() == "Thick ring"
    page.keyboard.press("a")
    assert page.locator("#drawn .words").count() == 0
    page.keyboard.press("t")
    assert page.is_hidden("#truth")
    with_lesion = picture(page)
    place = page.locator("#picture").bounding_box()
    page.keyboard.press("b")
    assert page.locator("#picture").bounding_box() == place  # or both cannot be compared
    assert picture(page) != with_lesion and "Before placing" in page.inner_text("#which")
    assert page.is_visible("#mark")
    page.keyboard.press("b")
    assert picture(page) == with_lesion


@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
def test_it_is_readable_on_a_projector(
    open_page: OpenPage, one_case: Path, size: tuple[int, int]
) -> None:
    page = open_page(one_case, size)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    font = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('#question')).fontSize)"
    )
    assert font >= size[1] / 48  # sixteen pixels of 768
    frame = page.locator("#frame").bounding_box()
    assert frame is not None and frame["height"] > 0.55 * size[1]
    ratio = page.evaluate(
        "document.getElementById('picture').naturalWidth / "
        "document.getElementById('picture').naturalHeight"
    )
    assert frame["width"] / frame["height"] == pytest.approx(ratio, rel=0.01)
    assert page.is_visible("#reveal")


def test_everything_is_reached_by_tab_and_the_focus_is_seen(page: Page) -> None:
    page.keyboard.press("r")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        name, width = page.evaluate(
            "[document.activeElement.id || document.activeElement.textContent, "
            "getComputedStyle(document.activeElement).outlineWidth]"
        )
        if name in reached:
            break
        reached.append(name)
        assert width == "3px", name
    assert {"stage", "text", "compare-button", "truth-button", "Keys"} <= set(reached)
    for role in ("slider", "button"):
        assert page.get_by_role(role).count() > 0
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, [role]')].filter(e => e.checkVisibility() && "
        "!(e.ariaLabel || e.textContent.trim())).length"
    )
    assert unnamed == 0


def test_keys_of_the_text_stay_with_the_text(page: Page) -> None:
    start = slice_shown(page)
    page.focus("#text")
    page.keyboard.press("ArrowDown")
    page.focus("input[value='0']")
    page.keyboard.press("ArrowDown")
    assert slice_shown(page) == start
    assert page.is_checked("input[value='1']")


def test_a_quiz_counts_what_was_right(open_page: OpenPage, a_quiz: Path) -> None:
    page = open_page(a_quiz, (1280, 800))
    assert page.inner_text("#title") == EVIL and page.title() == EVIL  # text, not markup
    assert page.locator("main script, header img").count() == 0
    assert page.is_disabled("#previous") and page.inner_text("#count") == "Case 1 of 3"
    page.locator("input[value='0']").check()
    page.keyboard.press("r")
    assert page.inner_text("#score") == "Score 1 of 1"
    page.keyboard.press("n")
    assert page.inner_text("#title") == "Second" and "Only words" not in page.inner_text("body")
    assert page.is_hidden("#choices")
    page.click("#reveal")
    assert page.inner_text("#score") == "Score 1 of 1"  # not judged yet
    page.get_by_role("button", name="I was not").click()
    assert page.inner_text("#score") == "Score 1 of 2"
    page.click("#next")
    assert "Größe: 5 µm" in page.inner_text("#history")
    assert page.get_attribute("#title", "lang") == "de" and page.is_disabled("#next")
    page.get_by_label("Nothing").check()
    page.keyboard.press("r")
    assert page.inner_text("#score") == "Score 1 of 3"
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert page.locator("label.right").count() == 1  # a case keeps what was answered
    assert page.is_hidden("#reveal")


@pytest.mark.parametrize(
    "label",
    ["here", "MIDLINE SHIFT 12 MM", "W" * 70,
     "a thick ring that enhances beside edema and displaces the ventricle to the right"],
)  # fmt: skip
def test_words_of_an_arrow_stay_in_the_picture(
    open_page: OpenPage, a_study: Study, tmp_path: Path, label: str
) -> None:
    key, *_ = a_study.case.key_images
    (arrow, *_) = key.arrows
    named = replace(key, arrows=(replace(arrow, label=label),))
    study = replace(a_study, case=replace(a_study.case, key_images=(named,)))
    page = open_page(write_page(tmp_path / "page.html", [study]), (1024, 768))
    page.keyboard.press("r")
    page.get_by_role("button", name="Key image 1").click()
    words, frame = (page.locator(one).bounding_box() for one in ("#drawn .words", "#frame"))
    assert words is not None and frame is not None
    assert frame["x"] <= words["x"] and frame["y"] <= words["y"]
    assert words["x"] + words["width"] <= frame["x"] + frame["width"]
    assert words["y"] + words["height"] <= frame["y"] + frame["height"]
    shown = page.locator("#drawn .words").evaluate("e => [...e.children].map(c => c.textContent)")
    assert "".join(shown).replace(" ", "") == label.replace(" ", "")
