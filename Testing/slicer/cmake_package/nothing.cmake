# Slicer sets up its build here.
