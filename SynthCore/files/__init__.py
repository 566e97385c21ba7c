"""Images in and out of files: one reader for every format, and NIfTI with its sidecar."""
