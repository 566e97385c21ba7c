"""MR of a head to CT, learned from generated scans alone."""
