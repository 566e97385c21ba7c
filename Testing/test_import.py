"""What importing the package costs."""

from __future__ import annotations

from SynthCore.bench.import_time import measure


def test_importing_loads_nothing_heavy() -> None:
    _, heavy = measure(runs=1)
    assert heavy == []


def test_the_public_names_are_there() -> None:
    import SynthCore

    for name in SynthCore.__all__:
        assert getattr(SynthCore, name) is not None
