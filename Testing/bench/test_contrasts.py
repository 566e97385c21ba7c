"""Tissues of generated people are as bright beside each other as in real images."""

from __future__ import annotations

from pathlib import Path

from SynthCore.bench import contrasts

REAL = {
    ("gray matter", "T1"): (0.69, 0.84),
    ("gray matter", "FLAIR"): (0.98, 1.17),
}
"""Ends of five real studies; see docs/generator.md, also for what lies outside of them."""


def test_medians_lie_among_real_ones_at_both_fields(tmp_path: Path) -> None:
    found, text = contrasts.table(tmp_path, None, lambda fraction, stage: None)
    assert len(found["rows"]) == 2 * len(contrasts.WHAT)
    for row in found["rows"]:
        low, high = REAL.get((row["tissue"], row["role"]), (0.0, 9.0))
        assert low <= row["median"] <= high, row
        assert row["p5"] < row["median"] < row["p95"] and row["people"] > 900
    gray = [row for row in found["rows"] if (row["tissue"], row["role"]) == ("gray matter", "T1")]
    assert all(row["p95"] < 1 for row in gray)  # brighter than white matter in no T1
    assert "gray matter  T1" in text
