"""May a synthetic CT be planned on? Checks of image, density, path length and dose."""
