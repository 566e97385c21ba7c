"""The recipe of super-resolution: real images, thinned along an axis they are fine in."""
