"""ctkSliderWidget: a slider of real numbers with a spin box beside it."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import Qt, pyqtProperty, pyqtSignal
from PyQt5.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget


class ctkSliderWidget(QWidget):
    """One value, set by dragging or by typing."""

    valueChanged = pyqtSignal(float)
    valueIsChanging = pyqtSignal(float)
    decimalsChanged = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Horizontal, self)
        self._spin = QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._spin)
        self._spin.setRange(0.0, 99.0)
        self._spin.setSingleStep(1.0)
        self._arrange()
        self._slider.valueChanged.connect(self._dragged)
        self._spin.valueChanged.connect(self._typed)
        self.setFocusProxy(self._spin)

    def _value(self) -> float:
        return self._spin.value()

    def setValue(self, value: float) -> None:
        self._spin.setValue(value)

    def _minimum(self) -> float:
        return self._spin.minimum()

    def _set_minimum(self, value: float) -> None:
        self._spin.setMinimum(value)
        self._arrange()

    def _maximum(self) -> float:
        return self._spin.maximum()

    def _set_maximum(self, value: float) -> None:
        self._spin.setMaximum(value)
        self._arrange()

    def _step(self) -> float:
        return self._spin.singleStep()

    def _set_single_step(self, value: float) -> None:
        self._spin.setSingleStep(value)
        self._arrange()

    def _decimals(self) -> int:
        return self._spin.decimals()

    def setDecimals(self, value: int) -> None:
        self._spin.setDecimals(value)
        self.decimalsChanged.emit(value)

    def _suffix(self) -> str:
        return self._spin.suffix()

    def _set_suffix(self, suffix: str) -> None:
        self._spin.setSuffix(suffix)

    def _prefix(self) -> str:
        return self._spin.prefix()

    def _set_prefix(self, prefix: str) -> None:
        self._spin.setPrefix(prefix)

    def _spin_visible(self) -> bool:
        return not self._spin.isHidden()

    def setSpinBoxVisible(self, visible: bool) -> None:
        self._spin.setVisible(visible)

    def _page(self) -> float:
        return self._slider.pageStep() * self._step()

    def _set_page_step(self, value: float) -> None:
        self._slider.setPageStep(max(1, round(value / self._step())))

    value = pyqtProperty(float, _value, setValue)
    minimum = pyqtProperty(float, _minimum, _set_minimum)
    maximum = pyqtProperty(float, _maximum, _set_maximum)
    singleStep = pyqtProperty(float, _step, _set_single_step)
    pageStep = pyqtProperty(float, _page, _set_page_step)
    decimals = pyqtProperty(int, _decimals, setDecimals)
    suffix = pyqtProperty(str, _suffix, _set_suffix)
    prefix = pyqtProperty(str, _prefix, _set_prefix)
    spinBoxVisible = pyqtProperty(bool, _spin_visible, setSpinBoxVisible)

    def _arrange(self) -> None:
        was = self._slider.blockSignals(True)
        self._slider.setRange(0, max(1, round((self._maximum() - self._minimum()) / self._step())))
        self._slider.setValue(self._position(self._value()))
        self._slider.blockSignals(was)

    def _position(self, value: float) -> int:
        return round((value - self._minimum()) / self._step())

    def _dragged(self, position: int) -> None:
        self._spin.setValue(self._minimum() + position * self._step())

    def _typed(self, value: Any) -> None:
        was = self._slider.blockSignals(True)
        self._slider.setValue(self._position(value))
        self._slider.blockSignals(was)
        self.valueIsChanging.emit(value)
        self.valueChanged.emit(value)
