"""De-identification after PS3.15, annex E: nothing of the patient stays, every link does."""

from SynthCore.dicom.deidentify.options import Deidentified, DeidentifyOptions, Finding
from SynthCore.dicom.deidentify.study import deidentify

__all__ = ["Deidentified", "DeidentifyOptions", "Finding", "deidentify"]
