"""The window stays alive while the engine works, and takes no more memory than what it shows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from Testing.slicer.bench_session import Session, warm_session
from Testing.slicer.heartbeat import LONGEST_GAP, LOOSE

SHAPE = (64, 256, 256)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A window whose engine is warm; its model takes phantoms."""
    with warm_session((8, 256, 256), tmp_path_factory.mktemp("settings")) as made:
        yield made


def test_a_synthesis_holds_up_nobody_and_takes_no_more_than_it_shows(session: Session) -> None:
    memory = session.memory(session.phantom(SHAPE))
    heart = memory.made.heart
    assert len(heart.gaps) > 20 and heart.longest < LOOSE * LONGEST_GAP, heart
    assert memory.shown == pytest.approx(2 * 4 * SHAPE[0] * SHAPE[1] * SHAPE[2], rel=0.01)
    assert memory.peak < memory.shown, memory


def test_nothing_heavy_is_in_the_window(session: Session) -> None:
    heavy = {"torch", "openvino", "monai", "skimage"}
    assert not heavy & set(sys.modules)
    maps = Path("/proc/self/maps")
    assert not maps.exists() or "libtorch" not in maps.read_text()
