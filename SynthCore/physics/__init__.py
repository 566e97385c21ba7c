"""What physics gives: MR signal equations, CT dose and noise, digital phantoms."""
