"""The recipe of missing MR sequences: any of them in, any other out."""
