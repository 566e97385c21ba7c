"""The recipe of low-dose CT: noise simulated on real CT."""
