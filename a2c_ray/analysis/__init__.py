"""What glasses and crystals are: pure functions on structures, without a lake.

`ranking.rank` finds the distinct crystals of relaxed subcells, `polymorphs.identify` names them,
`symmetry.space_groups` classifies them. `distributions.rdf`, `bond_angles`, `structure_factor`,
`coordination` and `crystallinity` describe glasses; `hull` and `diffraction` compare with others'
data.
"""
