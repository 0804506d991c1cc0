"""The engine: queues of cells relaxed together, each to its own end.

`batching.Relaxer` relaxes a queue by continuous batching; `slots` is one compiled program for all
cells of a shape, with `fire` or `lbfgs` over positions and cell (`cell_filter`); `outcome.Outcome`
says how each ended.
"""
