"""Curves from CT number to density: what they give, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SynthCore.errors import InputError
from SynthCore.planning.density import GENERIC, parse_curve, read_curve


def test_between_points_a_curve_is_linear_and_beyond_them_constant() -> None:
    curve = parse_curve("-1000,0\n0,1\n1000,1.6\n", "site.csv", "red")
    found = curve(np.array([-3000.0, -500.0, 0.0, 250.0, 5000.0]))
    np.testing.assert_allclose(found, [0.0, 0.5, 1.0, 1.15, 1.6], rtol=1e-6)
    assert curve.beyond(np.array([-1001.0, 0.0, 1000.0, 1001.0])) == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "HU;RED\n-1000;0\n0;1\n1000;1.6\n",
        "# our scanner\n-1000\t0\n0\t1\n1000\t1.6\n",
        "\ufeffHU,RED\r\n-1000,0\r\n\r\n0,1\r\n1000,1.6\r\n",
    ],
)
def test_files_as_people_write_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "site.csv"
    path.write_bytes(text.encode())
    assert read_curve(path, "red").values == (0.0, 1.0, 1.6)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "fewer than two"),
        ("0,1\n", "fewer than two"),
        ("0,1\n-10,0.9\n", "not ascending"),
        ("-1000,0\n0,1\n0,1\n", "not ascending"),
        ("-1000,0\n0,1\n50,0.98\n100,1.1\n", "not monotonic: it falls after 0 HU"),
        ("-1000,0\n0,1000\n100,1060\n", "out of range"),
        ("-1000,0\n0,2\n100,3\n", "not relative to water"),
        ("-1000,0\n0,1\n100,many\n", "Line 3"),
        ("-1000,0\n0,1\n100,1.1,7\n", "Line 3"),
        ("-1000,0\n0,nan\n100,1.1\n", "out of range"),
        ('"-1000,0\n' + "0,1\n" * 40_000, "cannot be read"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse_curve(text, "site.csv", "spr")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"site\.csv"):
        read_curve(tmp_path / "site.csv", "red")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match=r"b\.csv"):
        read_curve(tmp_path / "b.csv", "red")


def test_generic_curves_are_curves_and_say_that_they_are_generic() -> None:
    for kind, curve in GENERIC.items():
        again = parse_curve(
            "\n".join(f"{h},{v}" for h, v in zip(curve.hu, curve.values, strict=True)), "x", kind
        )
        assert again.values == curve.values and again.sha256() == curve.sha256()
        assert curve.generic and "generic" in curve.name
        assert curve(np.array([0.0]))[0] == 1.0
