"""The recipe of cone-beam CT: scans simulated from real and generated CT."""
