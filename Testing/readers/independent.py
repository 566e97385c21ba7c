"""The statistics of a study once more, by statsmodels, scipy and plain loops, from the files."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import binom_tost, proportion_confint

from SynthCore.cli.main import main
from SynthCore.readers.study import Study

LIKERT = ("realism", "anatomy", "consistency")


def close(value: Any, expected: float) -> None:
    if math.isnan(expected):
        assert value is None
    else:
        assert value == pytest.approx(expected, abs=1e-9)


def check_report(
    study: Study, files: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Make the report by the command line, and hold it against independent computations."""
    out = folder / "report.html"
    capsys.readouterr()
    command = ["readers", "report", str(study.folder), *map(str, files), "--out", str(out)]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = answers_of(files)
    truth = json.loads((study.folder / "key.json").read_text())["items"]
    check_figures(found, rows, truth)
    with (folder / "results.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == sum(map(len, rows.values()))
    for line in table:
        assert line["truth"] == truth[line["item"]]["truth"]
        assert int(line["confidence"]) == rows[line["reader"]][line["item"]]["confidence"]
        called = "synthetic" if int(line["confidence"]) > 3 else "real"
        assert line["correct"] == str(int(called == line["truth"]))
    page = out.read_text(encoding="utf-8")
    assert "SYNTHETIC" in page and "http" not in page.replace("http-equiv", "")
    assert "indistinguishable" not in page


def answers_of(files: list[Path]) -> dict[str, dict[str, dict[str, Any]]]:
    """Answers by reader and item, read without the project's own code."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in files:
        if path.suffix == ".csv":
            with path.open(newline="") as file:
                rows: list[dict[str, Any]] = [dict(row) for row in csv.DictReader(file)]
        else:
            rows = [json.loads(line) for line in path.read_text().splitlines()]
        for row in rows:
            if "item" in row:
                for name in ("confidence", *LIKERT):
                    row[name] = int(row[name])
                row["seconds"] = float(row["seconds"])
                found.setdefault(row["reader"], {})[row["item"]] = row
    return found


def check_figures(
    found: dict[str, Any], rows: dict[str, dict[str, dict[str, Any]]], truth: dict[str, Any]
) -> None:
    first = {item for item, value in truth.items() if not value["repeats"]}
    made = {item: truth[item]["truth"] == "synthetic" for item in truth}
    assert [one["reader"] for one in found["readers"]] == sorted(rows, key=str.lower)
    right: list[bool] = []
    for one in found["readers"]:
        given = rows[one["reader"]]
        items = [item for item in truth if item in given and item in first]
        called = [given[item]["confidence"] >= 4 for item in items]
        hits = [c == made[item] for c, item in zip(called, items, strict=True)]
        right += hits
        _share(one["accuracy"], hits)
        _share(one["sensitivity"], [h for h, i in zip(hits, items, strict=True) if made[i]])
        _share(one["specificity"], [h for h, i in zip(hits, items, strict=True) if not made[i]])
        scores = [[given[i]["confidence"] for i in items if made[i] is t] for t in (True, False)]
        u = stats.mannwhitneyu(*scores).statistic
        close(one["auc"], u / (len(scores[0]) * len(scores[1])))
        _cohen(one["kappa"], called, [made[item] for item in items])
        margin = found["margin"]
        tost = binom_tost(sum(hits), len(hits), 0.5 - margin, 0.5 + margin)[0]
        close(one["equivalence_p"], tost)
        again = [(truth[i]["repeats"], i) for i in truth if truth[i]["repeats"] and i in given]
        pairs = [(given[a]["confidence"], given[b]["confidence"]) for a, b in again if a in given]
        _share(one["repeats"]["same_confidence"], [a == b for a, b in pairs])
        same = float(np.mean([(a > 3) == (b > 3) for a, b in pairs])) if pairs else math.nan
        close(one["repeats"]["calls"]["exact_share"], same)
        for name, kind in (("real", False), ("synthetic", True)):
            seconds = [given[i]["seconds"] for i in items if made[i] is kind]
            close(one["seconds"][name]["median"], float(np.median(seconds)))
    _share(found["accuracy"], right)
    _between(found, rows, made, first)
    _likert(found, rows, truth, first)


def _share(found: dict[str, Any], hits: list[bool]) -> None:
    assert (found["hits"], found["count"]) == (sum(hits), len(hits))
    if hits:
        low, high = proportion_confint(sum(hits), len(hits), method="wilson")
        close(found["low"], max(low, 0.0))
        close(found["high"], min(high, 1.0))


def _cohen(found: dict[str, Any], first: list[Any], second: list[Any], **how: Any) -> None:
    levels = range(int(min(*first, *second)), int(max(*first, *second)) + 1)
    table = [[sum(a == x and b == y for a, b in zip(first, second, strict=True)) for y in levels]
             for x in levels]  # fmt: skip
    expected = cohens_kappa(np.array(table), **how)
    close(found["value"], expected.kappa)
    close(found["low"], max(-1.0, expected.kappa_low))
    close(found["high"], min(1.0, expected.kappa_upp))


def _between(
    found: dict[str, Any], rows: dict[str, Any], made: dict[str, bool], first: set[str]
) -> None:
    for pair in found["pairs"]:
        a, b = (rows[name] for name in pair["readers"])
        both = [item for item in made if item in a and item in b and item in first]
        scores = [[one[item]["confidence"] for item in both] for one in (a, b)]
        _cohen(pair["calls"], *([s > 3 for s in some] for some in scores))
        _cohen(pair["confidence_quadratic"], *scores, wt="fc")
    everyone = [i for i in first if all(i in one for one in rows.values())]
    calls = np.array([[int(r[i]["confidence"] > 3) for r in rows.values()] for i in everyone])
    close(found["fleiss_kappa"]["value"], float(fleiss_kappa(aggregate_raters(calls)[0])))
    shares, areas = [], []
    for given in rows.values():
        items = [i for i in first if i in given]
        shares.append(float(np.mean([(given[i]["confidence"] > 3) == made[i] for i in items])))
        wins = [(given[s]["confidence"] > given[r]["confidence"])
                + 0.5 * (given[s]["confidence"] == given[r]["confidence"])
                for s in items if made[s] for r in items if not made[r]]  # fmt: skip
        areas.append(float(np.mean(wins)))
    close(found["mean_accuracy"]["value"], float(np.mean(shares)))
    close(found["mean_auc"]["value"], float(np.mean(areas)))
    above = stats.ttest_1samp(shares, 0.5 - found["margin"], alternative="greater").pvalue
    below = stats.ttest_1samp(shares, 0.5 + found["margin"], alternative="less").pvalue
    if len(shares) >= 3:
        close(found["tost_over_readers"]["p"], max(above, below))
    reach = stats.t.ppf(0.975, len(shares) - 1) * stats.sem(shares)
    for value, end in zip(found["mean_accuracy"]["interval95_by_t"], (-reach, reach), strict=True):
        close(value, float(np.mean(shares)) + end)
    for name in ("mean_accuracy", "mean_auc"):
        low, high = found[name]["interval95"]
        assert low < found[name]["value"] < high


def _likert(
    found: dict[str, Any], rows: dict[str, Any], truth: dict[str, Any], first: set[str]
) -> None:
    expected = []
    for name in LIKERT:
        pairs = {}
        for case in sorted({value["case"] for value in truth.values()}):
            sides = []
            for kind in ("real", "synthetic"):
                own = [i for i in first if (truth[i]["case"], truth[i]["truth"]) == (case, kind)]
                given = [one[i][name] for i in own for one in rows.values() if i in one]
                sides.append(np.mean(given) if given else math.nan)
            if not np.isnan(sides).any():
                pairs[case] = sides
        real, made = np.array(list(pairs.values())).T
        expected.append(float(stats.wilcoxon(np.round(made - real, 6)).pvalue))
    for one, p, adjusted in zip(
        found["likert"], expected, multipletests(expected, method="holm")[1], strict=True
    ):
        assert one["test"] == "Wilcoxon signed-rank"
        close(one["p"], p)
        close(one["p_holm"], adjusted)
