"""The widgets of CTK and of MRML that the panel uses, on PyQt5, under their own names."""
