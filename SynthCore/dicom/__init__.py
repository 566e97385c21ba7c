"""DICOM in and out: series, roles, synthetic objects with their marks, and their verification."""
