"""From a composition to a glass: a box of random atoms, packed, melted and quenched.

`melt_quench.melt_quench` makes one glass, `melt_quench_replicas` a batch of them; `packing` removes
the overlaps of random positions, `molecular_dynamics` integrates.
"""
