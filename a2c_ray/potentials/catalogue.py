"""What potentials there are: where they come from, what they know and whom to cite.

Nothing here loads a potential, so that asking what there is takes no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from a2c_ray.cache import cache_folder
from a2c_ray.potentials.nequip.stored_format import CONFIG_FILE, is_outdated
from a2c_ray.potentials.pretrained.downloads import WebFile, Wheel

SEVENN = "sevenn==0.13.0"

SEVENNET_MF = "sevenn/pretrained_potentials/SevenNet_MF_0/checkpoint_sevennet_mf_0.pth"

SEVENNET_MF_SHA256 = "81791329b37d445f46b531578c182c41792d98c7814222c9e5dde276402225fd"

NEQUIX_MP, NEQUIX_OMAT = (
    f"https://github.com/atomicarchitects/nequix/raw/{commit}/models"
    for commit in (
        "7c2854de8e754b1a60274c7d9d2e014989ed632e",
        "9c852a9c4cce69ae5e75bc5a2cf670be21ff8c28",
    )
)
"""Folders that nequix 0.4.5 itself downloads from."""

PBE, R2SCAN = "PBE(+U)", "r²SCAN"
"""Functionals. As in the Materials Project, U is for some transition metals in oxides and
fluorides."""

MATERIALS_PROJECT = "Materials Project"
"""Relaxations under both functionals, of which SevenNet-MF-0 knows either."""

PARK = (
    "Potential: Y. Park, J. Kim, S. Hwang and S. Han, Scalable parallel algorithm for graph "
    "neural network interatomic potentials in molecular dynamics simulations, J. Chem. Theory "
    "Comput. 20, 4857 (2024)."
)

KIM = (
    "Potential: J. Kim, J. Kim, J. Kim, J. Lee, Y. Park, Y. Kang and S. Han, Data-efficient "
    "multifidelity training for high-fidelity machine learning interatomic potentials, J. Am. "
    "Chem. Soc. 147, 1042 (2025)."
)

KOKER = (
    "Potential: T. Koker, M. Kotak and T. Smidt, Training a foundation model for materials on "
    "a budget, arXiv:2508.16067 (2025)."
)

PFT = (
    "Potential: T. Koker, A. Gangan, M. Kotak, J. Marian and T. Smidt, PFT: phonon "
    "fine-tuning for machine learned interatomic potentials, arXiv:2601.07742 (2026)."
)

MPTRJ = (
    "Training data (MPtrj): B. Deng et al., CHGNet as a pretrained universal neural network "
    "potential for charge-informed atomistic modelling, Nat. Mach. Intell. 5, 1031 (2023)."
)

OMAT = (
    "Training data (OMat24, sAlex): L. Barroso-Luque et al., Open Materials 2024 (OMat24) "
    "inorganic materials dataset and models, arXiv:2410.12771 (2024)."
)

NEQUIP = (
    "Architecture: S. Batzner et al., E(3)-equivariant graph neural networks for "
    "data-efficient and accurate interatomic potentials, Nat. Commun. 13, 2453 (2022)."
)


@dataclass(frozen=True)
class Description:
    """What is known of a potential without loading it.

    licence: of the weights; "" where there are none.
    training_data: "" for classical potentials.
    functional: of the energies that it was trained on; "" for classical potentials.
    n_elements: that it knows.
    cutoff: Å.
    references: whom to cite.
    """

    licence: str
    training_data: str
    functional: str
    n_elements: int
    cutoff: float
    references: tuple[str, ...]


@dataclass(frozen=True)
class Pretrained:
    """A published checkpoint.

    source: where it is.
    sha256: of the checkpoint; None where it is not known, so that `fetch` can only record it.
    kind: of file, which decides how it is converted: "sevennet" or "nequix".
    description: of the potential.
    modality: which of the checkpoint's levels of theory, if it knows several.
    """

    source: Wheel | WebFile
    sha256: str | None
    kind: str
    description: Description
    modality: str | None = None


PRETRAINED = {
    "sevennet-0": Pretrained(
        source=Wheel(
            SEVENN, "sevenn/pretrained_potentials/SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth"
        ),
        sha256="7052cb42b7b3be42b40b97fa0d21077a48c54b5548948fc4dcf346629f813c36",
        kind="sevennet",
        description=Description("MIT", "MPtrj", PBE, 89, 5.0, (PARK, MPTRJ, NEQUIP)),
    ),
    "sevennet-l3i5": Pretrained(
        source=Wheel(SEVENN, "sevenn/pretrained_potentials/SevenNet_l3i5/checkpoint_l3i5.pth"),
        sha256="a7ff190d41efe5b8317a03d20a468e4036a1a3e64e0b14fdbab64ac3f4bfc09d",
        kind="sevennet",
        description=Description("MIT", "MPtrj", PBE, 89, 5.0, (PARK, MPTRJ, NEQUIP)),
    ),
    "sevennet-mf-0-pbe": Pretrained(
        source=Wheel(SEVENN, SEVENNET_MF),
        sha256=SEVENNET_MF_SHA256,
        kind="sevennet",
        description=Description("MIT", MATERIALS_PROJECT, PBE, 89, 5.0, (KIM, PARK, NEQUIP)),
        modality="PBE",
    ),
    "sevennet-mf-0-r2scan": Pretrained(
        source=Wheel(SEVENN, SEVENNET_MF),
        sha256=SEVENNET_MF_SHA256,
        kind="sevennet",
        description=Description("MIT", MATERIALS_PROJECT, R2SCAN, 89, 5.0, (KIM, PARK, NEQUIP)),
        modality="R2SCAN",
    ),
    "nequix-mp-1": Pretrained(
        source=WebFile(f"{NEQUIX_MP}/nequix-mp-1.nqx"),
        sha256="1647af8e627e1afa11e2bfadeab0797326513a521afd7dd01606a96f56783eee",
        kind="nequix",
        description=Description("MIT", "MPtrj", PBE, 89, 6.0, (KOKER, MPTRJ, NEQUIP)),
    ),
    "nequix-oam-1": Pretrained(
        source=WebFile(f"{NEQUIX_OMAT}/nequix-oam-1.nqx"),
        sha256="6a43475eaeb32a7a049f36c1306d78aa1e7a17e8af37aeda7901c8fec0ca845c",
        kind="nequix",
        description=Description(
            "MIT", "OMat24, sAlex, MPtrj", PBE, 89, 6.0, (KOKER, MPTRJ, NEQUIP, PFT, OMAT)
        ),
    ),
    "nequix-mp-1-pft": Pretrained(
        source=WebFile(f"{NEQUIX_MP}/nequix-mp-1-pft.nqx"),
        sha256=None,
        kind="nequix",
        description=Description(
            "MIT", "MPtrj, MDR phonons", PBE, 89, 6.0, (PFT, KOKER, MPTRJ, NEQUIP)
        ),
    ),
    "nequix-omat-1": Pretrained(
        source=WebFile(f"{NEQUIX_OMAT}/nequix-omat-1.nqx"),
        sha256=None,
        kind="nequix",
        description=Description("MIT", "OMat24", PBE, 89, 6.0, (PFT, KOKER, OMAT, NEQUIP)),
    ),
    "nequix-oam-1-pft": Pretrained(
        source=WebFile(f"{NEQUIX_OMAT}/nequix-oam-1-pft.nqx"),
        sha256=None,
        kind="nequix",
        description=Description(
            "MIT",
            "OMat24, sAlex, MPtrj, MDR phonons",
            PBE,
            89,
            6.0,
            (PFT, KOKER, MPTRJ, OMAT, NEQUIP),
        ),
    ),
}

BUILT_IN = {
    "stillinger-weber": Description(
        licence="",
        training_data="",
        functional="",
        n_elements=1,
        cutoff=3.77118,
        references=(
            "Potential: F. H. Stillinger and T. A. Weber, Computer simulation of local order in "
            "condensed phases of silicon, Phys. Rev. B 31, 5262 (1985).",
        ),
    ),
}


def described(name: str) -> Description | None:
    """What is known of a potential; None for those of the user's own."""
    if name in PRETRAINED:
        return PRETRAINED[name].description
    return BUILT_IN.get(name)


def functional_of(name: str) -> str:
    """Functional behind a potential, whatever was added to it; "" where none is known."""
    known = described(name.partition("+")[0])
    return known.functional if known else ""


def pretrained_folder(name: str) -> Path:
    """Where a fetched potential is kept."""
    return cache_folder() / "potentials" / name


def is_cached(name: str) -> bool:
    """Whether a potential has been fetched, in the format of today."""
    folder = pretrained_folder(name)
    return (folder / CONFIG_FILE).exists() and not is_outdated(folder)


KERNELS = ("auto", "xla", "numba", "e3j")
"""What can compute a network's convolutions. auto: numba where it serves, else xla. xla: matrix
products that XLA compiles. numba: loops for CPUs. e3j: fused CUDA kernels."""


class PotentialChoice(NamedTuple):
    """A potential to load, see `load_potential`."""

    name: str
    dtype: str
    kernels: str
    factory: str | None = None
    arguments: tuple[tuple[str, Any], ...] = ()
    zbl: bool = False
    d3: bool | str = False
