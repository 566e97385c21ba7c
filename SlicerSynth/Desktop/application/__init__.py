"""What `slicer.app` gives: managers of modules, files and views, settings and the DICOM index."""
