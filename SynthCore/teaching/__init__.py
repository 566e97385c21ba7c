"""Teaching: a study as a case for a class, as one page or as a DICOM teaching file."""
