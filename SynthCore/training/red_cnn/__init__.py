"""A published network for low-dose CT, trained on the same data to compare with."""
