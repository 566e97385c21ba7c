"""The same task on many studies, started once and left alone.

Terms: a *case* is a line of the table, one patient's images of one date; an *order* is what is
asked of every case; an *outcome* is what became of a case. What the room keeps of a case lies in
`SynthCore.cohort.kept.KEPT` of the output folder, beside the folders of the cases.
"""
