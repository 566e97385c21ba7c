"""Qt's mouse and keys, told to a VTK interactor."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtGui import QKeyEvent

_BUTTONS = {Qt.LeftButton: "Left", Qt.RightButton: "Right", Qt.MiddleButton: "Middle"}
_WHEEL_STEP = 120
_KEYS = {
    Qt.Key_Left: "Left",
    Qt.Key_Right: "Right",
    Qt.Key_Up: "Up",
    Qt.Key_Down: "Down",
    Qt.Key_Shift: "Shift_L",
    Qt.Key_Control: "Control_L",
    Qt.Key_Alt: "Alt_L",
    Qt.Key_Escape: "Escape",
    Qt.Key_Delete: "Delete",
    Qt.Key_Backspace: "BackSpace",
    Qt.Key_Return: "Return",
    Qt.Key_Space: "space",
}


class EventBridge:
    """Hands the events of one widget to one interactor."""

    def __init__(self, interactor: Any) -> None:
        self._interactor = interactor
        self._wheel = 0

    def hand_on(self, event: QEvent, height: int, scale: float) -> bool:
        """Tell the interactor; whether the event meant something to it.

        Parameters
        ----------
        height
            Height of the widget: VTK counts from below.
        scale
            Screen pixels to one of Qt's.
        """
        kind = event.type()
        if kind in (QEvent.MouseButtonPress, QEvent.MouseButtonDblClick):
            return self._button(event, height, scale, "Press")
        if kind == QEvent.MouseButtonRelease:
            return self._button(event, height, scale, "Release")
        if kind == QEvent.MouseMove:
            self._place(event, height, scale)
            self._interactor.MouseMoveEvent()
        elif kind == QEvent.Wheel:
            self._place(event, height, scale)
            self._turn(event.angleDelta().y())
        elif kind in (QEvent.Enter, QEvent.Leave):
            getattr(self._interactor, "EnterEvent" if kind == QEvent.Enter else "LeaveEvent")()
        elif kind in (QEvent.KeyPress, QEvent.KeyRelease):
            self._key(event)
        else:
            return False
        return True

    def _button(self, event: Any, height: int, scale: float, action: str) -> bool:
        name = _BUTTONS.get(event.button())
        if name is None:
            return False
        self._place(event, height, scale)
        double = event.type() == QEvent.MouseButtonDblClick
        self._interactor.SetRepeatCount(1 if double else 0)
        getattr(self._interactor, f"{name}Button{action}Event")()
        if action == "Release" and name != "Left":
            # the widget that zoomed or panned keeps the mouse until it leaves the view
            self._interactor.LeaveEvent()
            self._interactor.EnterEvent()
        return True

    def _place(self, event: Any, height: int, scale: float) -> None:
        modifiers = event.modifiers()
        self._interactor.SetEventInformation(
            round(event.pos().x() * scale),
            round((height - event.pos().y() - 1) * scale),
            int(bool(modifiers & Qt.ControlModifier)),
            int(bool(modifiers & Qt.ShiftModifier)),
            "\0",
            0,
            None,
        )
        self._interactor.SetAltKey(int(bool(modifiers & Qt.AltModifier)))

    def _turn(self, angle: int) -> None:
        self._wheel += angle
        while abs(self._wheel) >= _WHEEL_STEP:
            forward = self._wheel > 0
            self._wheel -= _WHEEL_STEP if forward else -_WHEEL_STEP
            if forward:
                self._interactor.MouseWheelForwardEvent()
            else:
                self._interactor.MouseWheelBackwardEvent()

    def _key(self, event: QKeyEvent) -> None:
        text = event.text()[:1]
        code = text if text and ord(text) < 128 else "\0"
        name = _KEYS.get(event.key()) or (text if text.isalnum() else "None")
        modifiers = event.modifiers()
        self._interactor.SetKeyEventInformation(
            int(bool(modifiers & Qt.ControlModifier)),
            int(bool(modifiers & Qt.ShiftModifier)),
            code,
            int(event.isAutoRepeat()),
            name,
        )
        if event.type() == QEvent.KeyPress:
            self._interactor.KeyPressEvent()
        else:
            self._interactor.KeyReleaseEvent()
