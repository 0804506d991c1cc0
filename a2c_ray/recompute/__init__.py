"""What is computed anew from a run that is in the lake.

`trace` relaxes a subcell again and looks at every step, `rescoring` relaxes products under a second
potential, `distillation` labels structures for a student, `transition` finds the pressure at which
two crystals change places.
"""
