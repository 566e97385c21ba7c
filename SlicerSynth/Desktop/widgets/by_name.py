"""Every stand-in widget under its own name, for .ui files and for the namespace `slicer`."""

from __future__ import annotations

from .collapsible_button import ctkCollapsibleButton
from .combo_box import ctkComboBox
from .mrml_widget import qMRMLWidget, qSlicerWidget
from .node_combo_box import qMRMLNodeComboBox
from .path_line_edit import ctkPathLineEdit
from .slider_widget import ctkSliderWidget

CTK_WIDGETS = (ctkCollapsibleButton, ctkComboBox, ctkPathLineEdit, ctkSliderWidget)
MRML_WIDGETS = (qMRMLNodeComboBox, qMRMLWidget, qSlicerWidget)
