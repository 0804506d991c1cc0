"""Speed: what `a2c bench` measures, also against torch-sim.

`measure` times the engine, `campaign` and `lake` what surrounds it, `compare` runs the same work in
another engine in turn.
"""
