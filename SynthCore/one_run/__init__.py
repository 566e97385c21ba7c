"""One run, from paths to a folder: what `run` does once and `batch` does for every case."""
