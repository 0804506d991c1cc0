#!/usr/bin/env bash
# dscribe 2.1.2, SOAP and ACSF with periodic=True: an atom of a crystal may be given in any cell, and what
# is around it is the same. dscribe repeats the positions as they are, as many cells each way as the cutoff
# is long, and looks for neighbours among these. It does not move atoms into the cell first, and its
# documentation does not ask for that: periodic is for "output to respect the periodicity of the atomic
# systems" (https://singroup.github.io/dscribe/latest/doc/dscribe.descriptors.html). Atoms that lie in other
# cells, and those whose neighbours do, lose neighbours without a word. Molecular dynamics in ASE 3.29.0
# leaves atoms where they go, so that descriptors of a liquid change as its atoms diffuse. Of atoms moved
# into the cell beforehand (`atoms.wrap()`) they are right. SOAP of quippy-ase 0.10.3 and of featomic 0.6.7
# is the same wherever atoms lie.
#
# Seen: of quartz in 2 x 2 x 2 cells (10 Å, twice the cutoff), each atom moved by up to so many edges of this
# cell along each, the median change of an atom's descriptor, and the largest, over its length. Exits
# non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ase==3.29.0" "dscribe==2.1.2" "quippy-ase==0.10.3" "featomic==0.6.7"
"$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import numpy as np
from ase.spacegroup import crystal
from dscribe.descriptors import ACSF, SOAP
from featomic import SoapPowerSpectrum
from quippy.descriptors import Descriptor

SPECIES = ["O", "Si"]
soap = SOAP(species=SPECIES, r_cut=5, n_max=4, l_max=4, periodic=True)
acsf = ACSF(species=SPECIES, r_cut=5, g2_params=[(0.1, 0)], g4_params=[(0.1, 1, 1)], periodic=True)
quippy = Descriptor(
    "soap cutoff=5 l_max=4 n_max=4 atom_sigma=0.5 n_Z=2 Z={8 14} n_species=2 species_Z={8 14}"
)
featomic = SoapPowerSpectrum(
    cutoff={"radius": 5.0, "smoothing": {"type": "ShiftedCosine", "width": 0.5}},
    density={"type": "Gaussian", "width": 0.5},
    basis={"type": "TensorProduct", "max_angular": 4, "radial": {"type": "Gto", "max_radial": 4}},
)


def with_featomic(atoms):
    spectrum = featomic.compute(atoms).keys_to_properties(["neighbor_1_type", "neighbor_2_type"])
    block = spectrum.keys_to_samples("center_type").block()
    return np.asarray(block.values)[np.argsort(block.samples.column("atom"))]


WAYS = {
    "dscribe SOAP": soap.create,
    "dscribe ACSF": acsf.create,
    "quippy SOAP": lambda atoms: quippy.calc(atoms)["data"],
    "featomic SOAP": with_featomic,
}
quartz = crystal(
    ["Si", "O"],
    [(0.4697, 0, 0), (0.4133, 0.2672, 0.1188)],
    spacegroup=154,
    cellpar=[4.916, 4.916, 5.4054, 90, 90, 120],
)
atoms = quartz * (2, 2, 2)


for reach in (0, 1, 2, 4):
    edges = np.random.default_rng(0).integers(-reach, reach + 1, (len(atoms), 3))
    moved = atoms.copy()
    moved.positions += edges @ atoms.cell
    back = moved.copy()
    back.wrap()
    for name, others in ((f"up to {reach}", moved), (f"up to {reach}, wrapped", back)):
        told = []
        for way, create in WAYS.items():
            right, seen = create(atoms), create(others)
            change = np.linalg.norm(seen - right, axis=1) / np.linalg.norm(right, axis=1)
            told.append(f"{way} {100 * np.median(change):.0f}% ({100 * change.max():.0f}%)")
        print(f"{name}:", ", ".join(told))
PYTHON
diff "$folder/seen" - <<'EXPECTED'
up to 0: dscribe SOAP 0% (0%), dscribe ACSF 0% (0%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 0, wrapped: dscribe SOAP 0% (0%), dscribe ACSF 0% (0%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 1: dscribe SOAP 55% (82%), dscribe ACSF 61% (93%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 1, wrapped: dscribe SOAP 0% (0%), dscribe ACSF 0% (0%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 2: dscribe SOAP 91% (99%), dscribe ACSF 89% (100%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 2, wrapped: dscribe SOAP 0% (0%), dscribe ACSF 0% (0%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 4: dscribe SOAP 99% (100%), dscribe ACSF 99% (100%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
up to 4, wrapped: dscribe SOAP 0% (0%), dscribe ACSF 0% (0%), quippy SOAP 0% (0%), featomic SOAP 0% (0%)
EXPECTED
