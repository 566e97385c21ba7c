"""Training data with lesions that were never there, made from a table of wishes.

Terms: a *wish row* is a line of the table, and asks for some images with some lesions each; a
*study* is one patient's images of one date; a *subject* of the folder that comes of it is one
study with the lesions of one wish row in it. Several subjects can show one patient, so data are
split by patient.
"""
