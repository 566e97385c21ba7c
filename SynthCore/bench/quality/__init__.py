"""Every model on every real case that suits it: one table, one page of pictures a case."""
