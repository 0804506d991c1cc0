#!/usr/bin/env bash
# tblite 0.8.0, tblite.ase.TBLite: atoms that are periodic along one or two axes are computed as periodic
# along all three, without a word. The energy of graphene with pbc = (True, True, False) depends on the
# length of the cell along the axis that does not repeat, and is that of stacked sheets where the cell is
# short; a chain with pbc = (True, False, False) is a bundle of chains, 1 eV off at 2.5 Å. Cells of slabs
# with little or no room above them, which ASE 3.29.0 takes for slabs all the same, give wrong energies
# and forces. With no periodic axis the cell plays no part, as it should be. dftd3 1.7.0 takes each axis
# for what it is: what does not repeat plays no part.
#
# Seen: energies, eV, of a sheet of graphene and of a chain of hydrogen fluoride, GFN1-xTB and D3(BJ) of
# PBE, in cells of several lengths across. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "tblite==0.8.0" "dftd3==1.7.0"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
from ase import Atoms
from ase.build import graphene
from dftd3.ase import DFTD3
from tblite.ase import TBLite

sheet = graphene()
chain = Atoms("HF", positions=[(0, 0, 0), (0.93, 0, 0)])


def energy(atoms, edges, pbc, calculator):
    atoms = atoms.copy()
    atoms.set_cell(edges)
    atoms.pbc = pbc
    atoms.calc = calculator
    return atoms.get_potential_energy()


def of_sheet(length):
    return [*sheet.cell[:2], (0, 0, length)]


def of_chain(length):
    return [(2.5, 0, 0), (0, length, 0), (0, 0, length)]


CASES = {
    "sheet": (sheet, of_sheet, (3.35, 6.0, 12.0), ((1, 1, 0), (1, 1, 1))),
    "chain": (chain, of_chain, (2.5, 4.0, 8.0), ((0, 0, 0), (1, 0, 0), (1, 1, 1))),
}
for name, (atoms, cell, lengths, axes) in CASES.items():
    for pbc in axes:
        for length in lengths:
            of_xtb = energy(atoms, cell(length), pbc, TBLite(method="GFN1-xTB", verbosity=0))
            of_d3 = energy(atoms, cell(length), pbc, DFTD3(method="pbe", damping="d3bj"))
            letters = "".join("FT"[axis] for axis in pbc)
            print(f"{name}, pbc {letters}, {length} Å: tblite {of_xtb:.3f}, dftd3 {of_d3:.3f}")
PYTHON
diff "$folder/seen" - <<'EXPECTED'
sheet, pbc TTF, 3.35 Å: tblite -107.034, dftd3 -0.177
sheet, pbc TTF, 6.0 Å: tblite -107.615, dftd3 -0.177
sheet, pbc TTF, 12.0 Å: tblite -107.608, dftd3 -0.177
sheet, pbc TTT, 3.35 Å: tblite -107.034, dftd3 -0.313
sheet, pbc TTT, 6.0 Å: tblite -107.615, dftd3 -0.193
sheet, pbc TTT, 12.0 Å: tblite -107.608, dftd3 -0.178
chain, pbc FFF, 2.5 Å: tblite -154.013, dftd3 -0.003
chain, pbc FFF, 4.0 Å: tblite -154.013, dftd3 -0.003
chain, pbc FFF, 8.0 Å: tblite -154.013, dftd3 -0.003
chain, pbc TFF, 2.5 Å: tblite -151.770, dftd3 -0.014
chain, pbc TFF, 4.0 Å: tblite -152.899, dftd3 -0.014
chain, pbc TFF, 8.0 Å: tblite -152.926, dftd3 -0.014
chain, pbc TTT, 2.5 Å: tblite -151.770, dftd3 -0.086
chain, pbc TTT, 4.0 Å: tblite -152.899, dftd3 -0.028
chain, pbc TTT, 8.0 Å: tblite -152.926, dftd3 -0.015
EXPECTED
