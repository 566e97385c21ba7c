"""Radiotherapy objects made elsewhere: structures, doses, plans. They are read, never written."""
