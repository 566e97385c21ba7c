"""A page of what the generator makes: people, sequences, lesions, a scanner's shortcomings."""
