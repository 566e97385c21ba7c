"""From answers to what may be said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.readers.answers import Answer, answer_line
from SynthCore.readers.plots import worst_pictures
from SynthCore.readers.results import judge
from SynthCore.readers.statistics import compare_paired
from SynthCore.readers.study import Study, Truths, open_key
from SynthCore.readers.words import verdict
from Testing.readers.independent import check_report
from Testing.readers.reading import opinion


def key_of(images: int, repeats: int = 0) -> dict[str, Truths]:
    """Pairs of real and synthetic images, and repeats of the first."""
    key = {
        f"{n:012x}": Truths("synthetic" if n % 2 else "real", f"case {n // 2}", "T1", n)
        for n in range(images)
    }
    for n in range(repeats):
        key[f"{images + n:012x}"] = replace(key[f"{n:012x}"], repeats=f"{n:012x}")
    return key


def given(reader: str, confidences: dict[str, int], **more: object) -> list[Answer]:
    return [
        Answer("0" * 16, reader, item, confidence, 3, 3, 3, 5.0, **more)  # type: ignore[arg-type]
        for item, confidence in confidences.items()
    ]


def reader_with(
    key: dict[str, Truths], name: str, share: float, seed: int, **more: object
) -> list[Answer]:
    """A reader who is right on this share of real and of synthetic images."""
    random = np.random.default_rng(seed)
    found = {}
    for truth in ("real", "synthetic"):
        items = [item for item, one in key.items() if one.truth == truth and not one.repeats]
        random.shuffle(items)
        for n, item in enumerate(items):
            right = n < round(share * len(items))
            found[item] = 5 if right == (truth == "synthetic") else 2
    return given(name, found, **more)


def said(key: dict[str, Truths], answers: list[list[Answer]], **how: object) -> str:
    return " ".join(verdict(judge(key, answers, draws=400, **how)))  # type: ignore[arg-type]


def test_guessing_on_twenty_images_shows_nothing() -> None:
    key = key_of(20)
    text = said(key, [reader_with(key, "a", 0.5, 0)])
    assert "More right answers than by guessing were not shown" in text
    assert "stated margin, was not shown: nothing here says" in text
    assert "One reader says nothing of others." in text


def test_guessing_on_many_images_shows_equivalence_within_the_margin() -> None:
    key = key_of(800)
    text = said(key, [reader_with(key, name, 0.5, n) for n, name in enumerate("abcd")])
    assert "Accuracy between 40 and 60%, the stated margin, was shown at 5%" in text
    # the same answers do not show a narrower margin
    narrow = said(key, [reader_with(key, name, 0.5, n) for n, name in enumerate("ab")], margin=0.01)
    assert "Accuracy between 49 and 51%, the stated margin, was not shown" in narrow


def test_good_readers_told_them_apart() -> None:
    key = key_of(60)
    text = said(key, [reader_with(key, name, 0.9, n) for n, name in enumerate("abc")])
    assert "told apart better than by guessing." in text
    assert "margin, was not shown" in text


def test_three_images_without_a_mistake_show_little() -> None:
    """A bootstrap of them has no width, and a verdict does not rest on it."""
    key = key_of(3)
    text = said(key, [reader_with(key, name, 1.0, n) for n, name in enumerate("ab")])
    assert "More right answers than by guessing were not shown" in text


def test_wrong_more_often_than_guessing_is_not_equivalence() -> None:
    key = key_of(60)
    text = said(key, [reader_with(key, "a", 0.1, 0)])
    assert "wrong more often than by guessing" in text
    assert "margin, was not shown" in text


def always(
    key: dict[str, Truths], name: str, confidence: int, most: int | None = None
) -> list[Answer]:
    return given(name, dict.fromkeys(list(key)[:most], confidence))


def test_one_answer_given_always_tells_nothing_apart() -> None:
    """Of 30 real and 10 synthetic images, and of a half-read study that began with real ones."""
    key = {
        f"{n:012x}": Truths("real" if n < 30 else "synthetic", f"case {n}", "T1", n)
        for n in range(40)
    }
    short = {f"{n:012x}": replace(key[f"{n:012x}"], truth="real" if n < 20 else "synthetic")
             for n in range(40)}  # fmt: skip
    for study, most in ((key, None), (short, 26)):
        for names in ("a", "abc"):
            answers = [always(study, name, 1, most) for name in names]
            text = said(study, answers)
            assert "were not judged in like numbers" in text
            assert "told apart better" not in text and "stated margin" not in text
    good = said(key, [reader_with(key, name, 1.0, n) for n, name in enumerate("ab")])
    assert "not judged in like numbers" in good and "the AUC lies above 0.5" in good


def test_an_answer_given_always_is_a_guess_where_shares_differ_a_little() -> None:
    """275 of 500 images are real: 55% right by one answer, with an interval above one half."""
    key = {
        f"{n:012x}": Truths("real" if n < 275 else "synthetic", f"case {n}", "T1", n)
        for n in range(500)
    }
    for names in ("a", "abcde"):
        text = said(key, [always(key, name, 1) for name in names])
        assert "told apart better" not in text
        how = "exact test" if names == "a" else "the widest of three 95% intervals"
        assert f"More right answers than by guessing were not shown ({how})" in text


@pytest.mark.parametrize(("each", "shown"), [(1, False), (2, False), (5, True)])
def test_a_few_images_in_the_right_order_are_no_evidence(each: int, shown: bool) -> None:
    key = {
        f"{n:012x}": Truths("real" if n < each else "synthetic", f"case {n}", "T1", n)
        for n in range(2 * each)
    }
    right = {item: 1 if truth.truth == "real" else 6 for item, truth in key.items()}
    for names in ("a", "ab"):
        text = said(key, [given(name, right) for name in names])
        assert ("told apart better than by guessing" in text) is shown
        assert "AUC 1.00" in text and "1.00 to 1.00" not in text
        assert "Yet confidence" not in text


def test_two_readers_who_differ_are_not_taken_for_all_readers() -> None:
    key = key_of(300)
    few = said(key, [reader_with(key, "a", 0.52, 0), reader_with(key, "b", 0.68, 1)])
    assert "More right answers than by guessing were not shown" in few
    alike = said(key, [reader_with(key, "a", 0.60, 0), reader_with(key, "b", 0.61, 1)])
    assert "told apart better than by guessing" in alike


def test_means_of_thirds_have_ties() -> None:
    """Against the test of the sums, which are whole numbers."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        real, made = rng.integers(1, 6, (2, 16, 3))
        exact = stats.wilcoxon(made.sum(axis=1) - real.sum(axis=1)).pvalue
        assert compare_paired(real.mean(axis=1), made.mean(axis=1)).p == pytest.approx(exact)


def test_readers_who_disagree_show_no_equivalence_however_many_images() -> None:
    """Mean accuracy is one half, but of other readers nothing is known."""
    key = key_of(800)
    text = said(key, [reader_with(key, "a", 0.75, 0), reader_with(key, "b", 0.25, 1)])
    assert "margin, was not shown" in text


def test_repeats_count_only_for_agreement_with_oneself() -> None:
    key = key_of(20, repeats=4)
    answers = reader_with(key, "a", 1.0, 0)
    first = {a.item: a.confidence for a in answers}
    items = list(key)
    again = {items[20]: first[items[0]], items[21]: 6, items[22]: 6, items[23]: 4}
    found = judge(key, [[*answers, *given("a", again)]], draws=50).readers[0]
    assert found.accuracy.count == 20 and found.accuracy.value == 1
    assert found.again.count == 4
    assert found.again.exact == 0.75  # the third call changed
    assert found.again_exact.hits == 1


def test_likert_is_rank_sum_where_cases_are_not_paired() -> None:
    key = {item: replace(one, case=f"case {item}") for item, one in key_of(20).items()}
    found = judge(key, [reader_with(key, "a", 0.5, 0)], draws=50)
    assert {one.found.test for one in found.likert} == {"Wilcoxon rank-sum (Mann-Whitney)"}
    paired = judge(key_of(20), [reader_with(key_of(20), "a", 0.5, 0)], draws=50)
    assert {one.found.test for one in paired.likert} == {"Wilcoxon signed-rank"}


@pytest.mark.parametrize(("cases", "paired"), [(5, False), (6, True)])
def test_likert_is_signed_rank_from_six_pairs(cases: int, paired: bool) -> None:
    """Five pairs cannot reach p below 0.05, however they differ."""
    key = key_of(2 * cases)
    found = judge(key, [reader_with(key, "a", 0.5, 0)], draws=50)
    assert all((one.found.test == "Wilcoxon signed-rank") is paired for one in found.likert)


def test_an_interval_over_readers_stays_within_0_and_1() -> None:
    key = key_of(40)
    found = judge(key, [reader_with(key, "a", 0.5, 0), reader_with(key, "b", 1.0, 1)], draws=50)
    assert found.over_readers_by_t() == (0.0, 1.0)
    assert "by t over readers 0 to 100%" in " ".join(verdict(found))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda key: [reader_with(key, "a", 1, 0), reader_with(key, "A", 1, 1)], "one reader"),
        (
            lambda key: [reader_with(key, "a", 1, 0), reader_with(key, "b", 1, 1, taught=True)],
            "teaching mode",
        ),
        (lambda key: [], "no answers"),
    ],
)
def test_answers_that_do_not_go_together(change: object, message: str) -> None:
    key = key_of(10)
    with pytest.raises(InputError, match=message):
        judge(key, change(key))  # type: ignore[operator]


@pytest.mark.parametrize("margin", [0.0, 0.5, -1.0, float("nan")])
def test_a_margin_that_is_none(margin: float) -> None:
    key = key_of(10)
    with pytest.raises(InputError, match="margin"):
        judge(key, [reader_with(key, "a", 1, 0)], margin=margin)


def test_answers_of_the_teaching_mode_are_called_so() -> None:
    key = key_of(10)
    assert "measure learning" in said(key, [reader_with(key, "a", 1, 0, taught=True)])


@pytest.fixture
def three_files(study: Study, tmp_path: Path) -> list[Path]:
    key = open_key(study)
    files = []
    for name, count in (("ann", 22), ("bob", 22), ("cas", 9), ("=dan", 22)):
        lines = [
            answer_line(Answer(study.id, name.strip("="), item, *one.scores, 1.5 + n, one.comment))
            for n, item in enumerate(study.items[:count])
            for one in [opinion(name, item, key[item])]
        ]
        files.append(tmp_path / f"{name}.jsonl")
        files[-1].write_text("".join(lines))
    return files


def test_the_report_of_four_readers(
    study: Study, three_files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_report(study, three_files, tmp_path, capsys)
    table = (tmp_path / "statistics.csv").read_text()
    assert "fleiss kappa,all readers" in table and "bootstrap over readers and cases" in table
    page = (tmp_path / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 5
    assert "Heads &amp; &#34;tails&#34; &lt;1&gt;" in page


def test_a_report_is_written_whole_or_not_at_all(
    study: Study, three_files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results.csv").write_text("mine")
    out = tmp_path / "report.html"
    command = ["readers", "report", str(study.folder), str(three_files[0]), "--out", str(out)]
    assert main(command) == 2
    assert "nothing is written over" in capsys.readouterr().err
    assert not out.exists() and (tmp_path / "results.csv").read_text() == "mine"


def test_a_report_takes_the_answers_in_the_study(
    study: Study, three_files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["readers", "report", str(study.folder)]) == 2
    assert "Nobody has answered yet" in capsys.readouterr().err
    (study.folder / "answers" / "reader-ann.jsonl").write_bytes(three_files[0].read_bytes())
    assert main(["readers", "report", str(study.folder), "--json"]) == 0
    assert [r["reader"] for r in json.loads(capsys.readouterr().out)["readers"]] == ["ann"]


def test_a_label_of_a_case_is_text_and_no_formula(study: Study) -> None:
    key = open_key(study)
    odd = {item: replace(truth, case="a$b_{$") for item, truth in key.items()}
    found = judge(odd, [always(odd, "a", 1)], draws=10)
    assert worst_pictures(study, found.items[:2]).startswith(b"\x89PNG")
