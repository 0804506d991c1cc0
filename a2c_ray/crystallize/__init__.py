"""From a glass to crystals: every subcell, cut out and relaxed.

`subcells.find_subcells` cuts, `overlaps` pushes apart what is too close, `relax.relax` relaxes, and
`recording.record` follows one relaxation step by step.
"""
