"""The module's own window: PyQt5 and Slicer's MRML core, for people without Slicer and for tests.

`Desktop.stand_in.install()` makes `import qt, ctk, slicer` give what the module needs; put the
folder SlicerSynth on `sys.path` first, so that `SlicerSynth`, `SlicerSynthLib` and `Desktop` are
imported as in Slicer. `python SlicerSynth/Desktop [STUDY]` opens the window.

The module runs unchanged under PythonQt and PyQt5 if it keeps to what both can do:

- Read a Qt property with `widget.property("text")`, set it with `widget.setText("...")` or
  `widget.setProperty("text", "...")`: never `widget.text`, never `widget.text()`. Of CTK's and
  MRML's widgets only slots and invokables can be called, so that their other properties are set
  by name: `selector.setProperty("nodeTypes", [...])`.
- Connect with `widget.clicked.connect(slot)`; a slot takes `*_` and reads the state itself, because
  the two pass different arguments. Never define a Qt signal: plain callables serve.
- Keep timers and dialogs on `self`. Parents are given by keyword or position, never as `None`.
- Items of tables, trees and lists are not QObjects: `item.text()` is right in both.
- `slicer.app` and the layout manager are the exception: their properties are attributes
  (`slicer.app.temporaryPath`, `layoutManager().threeDViewCount`) in both.
- Types of a parameter node: str, bool, int, float, MRML nodes, `typing.Optional` of these, and
  `typing.Annotated[str, Choice([...])]` for a combo box; `X | None` is refused, as in Slicer.

The stand-in offers nothing that Slicer has not; `Testing/slicer/test_names.py` holds both sides to
`Testing/slicer/slicer_names.json`.
"""
