"""Potentials: energy, forces and stress of batches of cells.

`loading.load_potential` loads one by name, `potential.Potential` is what all are, `catalogue` says
what there is. A new kind of potential is a `model.EnergyModel` (a function of edges) or a
`model.HostModel` (anything else); see `classical` and `ase_potential`.
"""
