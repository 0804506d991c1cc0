"""Where a run's numbers come from, and whom to cite for them."""

from __future__ import annotations

import json

from a2c_ray.potentials.zbl import SUFFIX
from a2c_ray.report.text import Fact
from a2c_ray.results import RunResults

METHOD = (
    "Method: M. Aykol, A. Merchant, S. Batzner, J. N. Wei and E. D. Cubuk, Predicting emergence of "
    "crystals from amorphous matter with deep learning, arXiv:2310.01117 (2023)."
)

MPTRJ = (
    "Training data (MPtrj): B. Deng et al., CHGNet as a pretrained universal neural network "
    "potential for charge-informed atomistic modelling, Nat. Mach. Intell. 5, 1031 (2023)."
)

NEQUIP = (
    "Architecture: S. Batzner et al., E(3)-equivariant graph neural networks for "
    "data-efficient and accurate interatomic potentials, Nat. Commun. 13, 2453 (2022)."
)

POTENTIALS = {
    "sevennet": (
        "Potential: Y. Park, J. Kim, S. Hwang and S. Han, Scalable parallel algorithm for graph "
        "neural network interatomic potentials in molecular dynamics simulations, J. Chem. Theory "
        "Comput. 20, 4857 (2024).",
        MPTRJ,
        NEQUIP,
    ),
    "nequix": (
        "Potential: T. Koker, M. Kotak and T. Smidt, Training a foundation model for materials on "
        "a budget, arXiv:2508.16067 (2025).",
        MPTRJ,
        NEQUIP,
    ),
    "nequix-oam": (
        "Potential: T. Koker, A. Gangan, M. Kotak, J. Marian and T. Smidt, PFT: phonon "
        "fine-tuning for machine learned interatomic potentials, arXiv:2601.07742 (2026).",
        "Training data (OMat24, sAlex): L. Barroso-Luque et al., Open Materials 2024 (OMat24) "
        "inorganic materials dataset and models, arXiv:2410.12771 (2024).",
    ),
    "stillinger-weber": (
        "Potential: F. H. Stillinger and T. A. Weber, Computer simulation of local order in "
        "condensed phases of silicon, Phys. Rev. B 31, 5262 (1985).",
    ),
}
"""By the beginning of the potential's name."""

REPULSION = (
    "Repulsion at short distances: J. F. Ziegler, J. P. Biersack and U. Littmark, The Stopping and "
    "Range of Ions in Matter, vol. 1, Pergamon (1985)."
)

TOOLS = (
    "Molecular dynamics: S. S. Schoenholz and E. D. Cubuk, JAX MD, a framework for differentiable "
    "physics, Adv. Neural Inf. Process. Syst. 33 (2020).",
    "Structures: S. P. Ong et al., Python Materials Genomics (pymatgen), Comput. Mater. Sci. 68, "
    "314 (2013); symmetry: A. Togo, K. Shinohara and I. Tanaka, Spglib, a software library for "
    "crystal symmetry search, Sci. Technol. Adv. Mater. Methods 4, 2384822 (2024).",
)


def citations(potential: str) -> list[str]:
    """Whom to cite for a run under a potential."""
    own = [
        text for name, texts in POTENTIALS.items() if potential.startswith(name) for text in texts
    ]
    repulsion = [REPULSION] if potential.endswith(SUFFIX) else []
    return [METHOD, *own, *repulsion, *TOOLS]


def provenance(results: RunResults) -> list[Fact]:
    """Potential, versions, hardware and times of the last attempt."""
    attempt = results.attempt
    facts = [
        Fact("run", results.run_id),
        Fact("lake", results.lake.store.address),
        Fact("attempt", str(attempt["attempt"])),
        Fact("started", time_text(attempt["started_at"])),
        Fact("finished", time_text(attempt["finished_at"])),
        Fact("potential", f"{attempt['potential']} ({attempt['potential_fingerprint'][:12]})"),
    ]
    hardware = json.loads(attempt["hardware"] or "{}")
    cluster = hardware.pop("cluster", {})
    units = [f"{_value_text(n)} {name}" for name, n in cluster.items() if "memory" not in name]
    described = json.loads(attempt["versions"] or "{}") | hardware | {"cluster": ", ".join(units)}
    return facts + [Fact(name, _value_text(value)) for name, value in described.items()]


def settings(results: RunResults) -> list[tuple[str, str]]:
    """All settings of the run."""
    return [(name, _value_text(value)) for name, value in results.settings.items()]


def time_text(time) -> str:
    """Of a date and time in UTC."""
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "not yet"


def _value_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
