"""Tests of teaching cases: the case file, the class page in a real browser, the DICOM file."""
