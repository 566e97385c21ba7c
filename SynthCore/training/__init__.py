"""Training: data sets, registration of pairs, recipes, and the loop they share."""
