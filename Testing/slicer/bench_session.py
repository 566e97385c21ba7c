"""A person at the window with a stopwatch."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from Testing.slicer.heartbeat import INTERVAL, Heartbeat

MODEL = "mr-to-ct-extremity"
STATUS = Path("/proc/self/status")
FORGET_PEAK = Path("/proc/self/clear_refs")
"""Linux tells the peak of a process's memory, and forgets it on demand."""


@dataclass(frozen=True)
class Made:
    """One volume: seconds from the click to its picture, the engine's own, and the heartbeat."""

    seconds: float
    engine_seconds: float
    heart: Heartbeat


@dataclass(frozen=True)
class Memory:
    """Bytes of the volumes that are shown at the end, and how much the process grew at most."""

    shown: int
    peak: int
    made: Made


class Session:
    """The window with one volume in it."""

    def __init__(self, model: str, settings: Path) -> None:
        from PyQt5.QtCore import QSettings

        QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, str(settings))
        from Desktop.start import make_window
        from Testing.slicer.journeys.person import Person

        self.model, self.seed = model, 0
        self.window = make_window()
        import slicer

        self.window.show()
        slicer.app._started()
        self.window.activateWindow()
        self.person = Person(self.window)

    def close(self) -> None:
        import slicer

        slicer.mrmlScene.Clear(0)  # nothing to be asked about
        self.window.close()

    def phantom(self, shape: tuple[int, int, int]) -> Any:
        """A volume that the engine has not seen."""
        from SynthCore.bench.phantom import body_phantom

        self.seed += 1
        return body_phantom("T1", shape, self.seed)

    def show(self, image: Any) -> Any:
        """Put a volume into the scene in place of all others, and choose the model."""
        import slicer

        from Desktop.window.show import show_volume
        from SlicerSynthLib.nodes import node_from_image

        slicer.mrmlScene.Clear(0)
        node = node_from_image(slicer.mrmlScene, image, f"T1 {self.seed}")
        show_volume(node)
        person = self.person
        person.wait(lambda: person.read("volumeT1Selector") == node.GetName(), "the volume")
        person.wait(lambda: "(" in person.read("modelCombo"), "the models")
        if self.model not in person.read("modelCombo"):
            person.choose("modelCombo", self.model)
        self.rest()
        return node

    def make(self, with_heart: bool = False) -> Made:
        """Click on Synthesize, and wait for the picture."""
        from PyQt5.QtCore import Qt, QTimer

        heart = Heartbeat()
        timer = QTimer()
        timer.setTimerType(Qt.PreciseTimer)
        timer.timeout.connect(heart.beat)
        if with_heart:
            timer.start(round(1000 * INTERVAL))
            self.rest()
        answers: list[Any] = []
        self._logic.ended.connect(answers.append)
        start = time.perf_counter()
        self.person.click("synthesizeButton")
        seconds = self._picture("Yellow", "SYNTHETIC CT of", start)
        if with_heart:
            self.rest()  # what comes after the picture counts as well
            timer.stop()
        self._logic.ended.disconnect(answers.append)
        return Made(seconds, float(answers[0].answer["engine_seconds"]), heart)

    def preview(self, other_slice: bool = False) -> float:
        """Seconds from a click on Preview to the slice."""
        if other_slice:
            import slicer

            logic = slicer.app.layoutManager().sliceWidget("Red").sliceLogic()
            logic.SetSliceOffset(logic.GetSliceOffset() + 10)
            self.rest()
        start = time.perf_counter()
        self.person.click("previewButton")
        return self._picture("Red", "SYNTHETIC CT preview", start)

    def cancel(self, after: float) -> float:
        """Seconds from a click on Cancel until the panel says that it was."""
        person = self.person
        person.click("synthesizeButton")
        until = time.perf_counter() + after
        person.wait(lambda: time.perf_counter() >= until, "the moment")
        start = time.perf_counter()
        person.click("cancelButton")
        person.wait(lambda: person.read("stageLabel").startswith("Cancelled"), "the end")
        return time.perf_counter() - start

    def memory(self, image: Any) -> Memory:
        """Of a synthesis from the click to its result beside its source."""
        node = self.show(image)
        before = memory_of("VmRSS")
        FORGET_PEAK.write_text("5")
        made = self.make(with_heart=True)
        size = 1024 * node.GetImageData().GetActualMemorySize()
        return Memory(2 * size, memory_of("VmHWM") - before, made)

    @property
    def _logic(self) -> Any:
        import slicer

        return slicer.modules.SlicerSynthWidget.panel.logic

    def _picture(self, view: str, name: str, start: float) -> float:
        """Seconds until a view has painted a picture of a volume whose name begins so."""
        from Testing.slicer.bench_painted import Painted
        from Testing.slicer.journeys.look import shown_in

        def is_shown() -> bool:
            return any(one is not None and one.GetName().startswith(name) for one in shown_in(view))

        painted = Painted(view, is_shown)
        self.person.wait(lambda: painted.at, "the picture")
        painted.release()
        return painted.at - start

    def rest(self) -> None:
        from PyQt5.QtTest import QTest

        QTest.qWait(400)


def memory_of(key: str) -> int:
    """Bytes."""
    found = re.search(rf"{key}:\s+(\d+) kB", STATUS.read_text())
    return 1024 * int(found.group(1)) if found else 0


@contextmanager
def open_session(settings: Path, model: str = MODEL) -> Iterator[Session]:
    """A window whose engine has the model, without the checks that refuse a phantom."""
    from SynthCore.bench.worker import unchecked
    from SynthCore.models.library import MODELS_VARIABLE, find_bundle

    with unchecked(find_bundle(model).folder) as folder:
        os.environ[MODELS_VARIABLE] = str(folder.parent)
        session = Session(folder.name, settings)
        try:
            yield session
        finally:
            session.close()


@contextmanager
def warm_session(shape: tuple[int, int, int], settings: Path) -> Iterator[Session]:
    """The same after a first run on a phantom of that shape."""
    with open_session(settings) as session:
        session.show(session.phantom(shape))
        session.make()
        yield session
