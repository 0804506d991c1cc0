"""NequIP in flax: the network, its fast convolution, and networks on disk.

`network.NequIP` is the network, `energy.nequip_potential` makes a potential of it, `storage` saves
and loads it.
"""
