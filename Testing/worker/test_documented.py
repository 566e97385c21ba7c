"""What docs/worker.md says of the messages is what the worker does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from SynthCore.protocol import EVENTS, REQUESTS
from Testing.cli.studies import limb, write_series

PAGE = Path(__file__).resolve().parents[2] / "docs" / "worker.md"


def rows(section: str) -> list[str]:
    """The first cell of every row of a section's table."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([a-z-]+)` \|", text, flags=re.MULTILINE)


def test_every_request_and_event_is_described() -> None:
    assert set(rows("Requests")) == set(REQUESTS)
    assert set(rows("Events")) == set(EVENTS) - {"log"}


def test_the_example_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    command = repr([sys.executable, "-m", "SynthCore.cli.main", "worker"])
    assert '["synthcore", "worker"]' in code
    write_series(tmp_path / "study" / "T1", limb())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code.replace('["synthcore", "worker"]', command), names)  # noqa: S102 (our own page)
    assert "100% bulk density" in capsys.readouterr().out
    ct, t1 = names["ct"], names["t1"]
    assert ct.same_grid(t1) and ct.unit == "HU" and ct.synthetic == "YES"  # type: ignore[attr-defined]
    assert names["worker"].returncode == 0  # type: ignore[attr-defined]
