"""Are placed lesions worth anything as training data? A small network with and without them."""
