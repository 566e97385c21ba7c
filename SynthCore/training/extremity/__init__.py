"""The recipe of the limbs: T1 to CT from real pairs."""
