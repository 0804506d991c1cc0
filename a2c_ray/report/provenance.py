"""Where a run's numbers come from, and whom to cite for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from a2c_ray.potentials.catalogue import R2SCAN, described, functional_of
from a2c_ray.potentials.d3 import BECKE_JOHNSON, SUFFIXES, ZERO
from a2c_ray.potentials.zbl import SUFFIX
from a2c_ray.report.text import Fact
from a2c_ray.results import RunResults

METHOD = (
    "Method: M. Aykol, A. Merchant, S. Batzner, J. N. Wei and E. D. Cubuk, Predicting emergence of "
    "crystals from amorphous precursors with deep learning potentials, Nat. Comput. Sci. 5, "
    "105-111 (2025), doi:10.1038/s43588-024-00752-y."
)

REPULSION = (
    "Repulsion at short distances: J. F. Ziegler, J. P. Biersack and U. Littmark, The Stopping and "
    "Range of Ions in Matter, vol. 1, Pergamon (1985)."
)

D3 = (
    "Dispersion: S. Grimme, J. Antony, S. Ehrlich and H. Krieg, A consistent and accurate ab "
    "initio parametrization of density functional dispersion correction (DFT-D) for the 94 "
    "elements H-Pu, J. Chem. Phys. 132, 154104 (2010)."
)

DAMPING = (
    "Damping of dispersion: S. Grimme, S. Ehrlich and L. Goerigk, Effect of the damping function "
    "in dispersion corrected density functional theory, J. Comput. Chem. 32, 1456 (2011)."
)

R2SCAN_D3 = (
    "Dispersion for r²SCAN: S. Ehlert et al., r²SCAN-D4: Dispersion corrected meta-generalized "
    "gradient approximation for general chemical applications, J. Chem. Phys. 154, 061101 (2021)."
)

ADDED = {
    SUFFIX: (REPULSION,),
    SUFFIXES[BECKE_JOHNSON]: (D3, DAMPING),
    SUFFIXES[ZERO]: (D3,),
}
"""Whom to cite for what was added to a potential, by the suffix of its name."""

TOOLS = (
    "Molecular dynamics: S. S. Schoenholz and E. D. Cubuk, JAX MD, a framework for differentiable "
    "physics, Adv. Neural Inf. Process. Syst. 33 (2020).",
    "Structures: S. P. Ong et al., Python Materials Genomics (pymatgen), Comput. Mater. Sci. 68, "
    "314 (2013); symmetry: A. Togo, K. Shinohara and I. Tanaka, Spglib, a software library for "
    "crystal symmetry search, Sci. Technol. Adv. Mater. Methods 4, 2384822 (2024).",
)


def citations(potential: str) -> list[str]:
    """Whom to cite for a run under a potential."""
    name, *suffixes = potential.split("+")
    known = described(name)
    own = known.references if known else ()
    added = [reference for suffix in suffixes for reference in ADDED.get(f"+{suffix}", ())]
    if D3 in added and functional_of(potential) == R2SCAN:
        added.append(R2SCAN_D3)
    return [METHOD, *own, *added, *TOOLS]


def all_citations(potentials: Iterable[str]) -> list[str]:
    """Whom to cite for a run, and for what other potentials said of its products."""
    lines = dict.fromkeys(line for potential in potentials for line in citations(potential))
    return [*(line for line in lines if line not in TOOLS), *TOOLS]


def provenance(results: RunResults) -> list[Fact]:
    """Potential, versions, hardware and times of the last attempt."""
    attempt = results.attempt
    facts = [
        Fact("run", results.run_id),
        Fact("lake", results.lake.store.address),
        Fact("attempt", str(attempt.attempt)),
        Fact("started", time_text(attempt.started_at)),
        Fact("finished", time_text(attempt.finished_at)),
        Fact("potential", f"{attempt.potential} ({attempt.potential_fingerprint[:12]})"),
    ]
    hardware = json.loads(attempt.hardware or "{}")
    cluster = hardware.pop("cluster", {})
    units = [f"{_value_text(n)} {name}" for name, n in cluster.items() if "memory" not in name]
    described = json.loads(attempt.versions or "{}") | hardware | {"cluster": ", ".join(units)}
    return facts + [Fact(name, _value_text(value)) for name, value in described.items()]


def settings(results: RunResults) -> list[tuple[str, str]]:
    """All settings of the run."""
    return [(name, _value_text(value)) for name, value in results.settings.items()]


def time_text(time: datetime | None) -> str:
    """Of a date and time in UTC."""
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "not yet"


def _value_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
