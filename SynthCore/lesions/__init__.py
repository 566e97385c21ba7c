"""Lesions: place one that was never there, remove one that is, let one grow over dates.

Terms: a *wish* says what is asked; *parts* are the tissues of one lesion (necrosis, enhancing rim,
edema); the *mask* is the lesion itself without the edema around it, and its volume is what a wish
asks for; *mass effect* is how far a lesion displaces what lies around it.
"""
