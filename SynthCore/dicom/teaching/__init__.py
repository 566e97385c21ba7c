"""DICOM objects of a teaching file, after IHE Teaching File and Clinical Trial Export (TCE)."""
