"""The tables of the lake: columns, types, units, meanings.

`system` and `run_id` are columns of every table too; they stand in the path of a part, not in it.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa


class Column(NamedTuple):
    """One column: its name, Arrow type, and meaning with the unit."""

    name: str
    type: pa.DataType
    meaning: str


TEXT, INT, REAL, BOOL = pa.string(), pa.int32(), pa.float64(), pa.bool_()
TIME = pa.timestamp("us", tz="UTC")
REALS, TEXTS, INTS = pa.list_(pa.float64()), pa.list_(pa.string()), pa.list_(pa.int32())

STRUCTURE = (
    Column("formula", TEXT, "reduced formula"),
    Column("n_atoms", INT, "atoms in the cell"),
    Column("lattice", REALS, "lattice vectors a, b, c one after another, Å"),
    Column("species", TEXTS, "element of each atom"),
    Column("frac_coords", REALS, "fractional coordinates x, y, z of each atom in turn"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "runs": (
        Column("started_at", TIME, "start of this attempt"),
        Column("finished_at", TIME, "end of this attempt; null while it runs or if it was killed"),
        Column("status", TEXT, "running, finished or interrupted"),
        Column("config", TEXT, "resolved configuration, JSON"),
        Column("versions", TEXT, "versions of the packages that matter, JSON"),
        Column("hardware", TEXT, "host, processors, devices, JSON"),
        Column("potential", TEXT, "name of the potential"),
        Column("potential_fingerprint", TEXT, "hash of its weights and architecture"),
    ),
    "amorphous": (
        Column("glass_id", TEXT, "identifies the glass"),
        Column("outcome", TEXT, "glass, or failed"),
        Column("reason", TEXT, "why it failed"),
        Column("t_high", REAL, "temperature of the melt, K"),
        Column("t_low", REAL, "temperature quenched to, K"),
        Column("density", REAL, "g/cm³"),
        Column("volume_per_atom", REAL, "Å³"),
        Column("seed", pa.int64(), "of positions and velocities"),
        Column("energy_per_atom", REAL, "potential energy of the final structure, eV"),
        Column("pressure", REAL, "mean over the last 200 steps, GPa"),
        Column("temperature", REAL, "mean over the last 200 steps, K"),
        *STRUCTURE,
        Column("potential", TEXT, "name of the potential"),
        Column("potential_fingerprint", TEXT, "hash of its weights and architecture"),
        Column("wall_s", REAL, "time its unit of work took, s"),
    ),
    "md_trace": (
        Column("glass_id", TEXT, "identifies the glass"),
        Column("step", INT, "of the molecular dynamics, from 1"),
        Column("time_fs", REAL, "fs"),
        Column("thermostat", REAL, "target temperature, K"),
        Column("temperature", REAL, "of the atoms, K"),
        Column("energy_per_atom", REAL, "potential energy, eV"),
        Column("pressure", REAL, "virial and kinetic, GPa"),
        Column("conserved_per_atom", REAL, "energy of atoms and thermostat, eV"),
        Column("frac_coords", REALS, "snapshot, as in amorphous; null at most steps"),
    ),
    "relaxed": (
        Column("subcell_id", TEXT, "identifies the subcell"),
        Column("glass_id", TEXT, "glass it was cut from"),
        Column("outcome", TEXT, "converged, max_steps, exploded, fused, overflow or failed"),
        Column("steps", INT, "of the optimizer"),
        Column("energy_per_atom", REAL, "eV; null unless the outcome is converged or max_steps"),
        Column("volume_per_atom", REAL, "Å³"),
        Column("max_force", REAL, "largest force on an atom, eV/Å"),
        Column("max_stress", REAL, "largest stress component, eV/Å³"),
        *STRUCTURE,  # relaxed; as cut from the glass if the outcome is not sound
        Column("n_grid", INT, "grid points an axis"),
        Column("lower", INTS, "grid planes of the lower faces"),
        Column("upper", INTS, "grid planes of the upper faces"),
    ),
    "products": (
        Column("product_id", TEXT, "identifies the product; 0 is the lowest of its formula"),
        Column("energy_per_atom", REAL, "eV"),
        Column("delta_mev", REAL, "above the lowest product of the same formula, meV/atom"),
        Column("degenerate", BOOL, "lowest, or within 2 meV/atom of it"),
        Column("space_group", TEXT, "at a tolerance of 0.1 Å"),
        Column("space_group_0_05", TEXT, "at a tolerance of 0.05 Å"),
        Column("space_group_0_01", TEXT, "at a tolerance of 0.01 Å"),
        Column("polymorph", TEXT, "published polymorph it matches; null for none"),
        Column("polymorph_rms", REAL, "rms displacement to it over (V/n)^(1/3)"),
        Column("n_subcells", INT, "subcells that reached it"),
        Column("n_relaxed", INT, "soundly relaxed subcells of its formula"),
        Column("volume_per_atom", REAL, "Å³"),
        *STRUCTURE,
        Column("subcell_id", TEXT, "lowest subcell that reached it"),
        Column("subcell_ids", TEXTS, "all that reached it, lowest first"),
    ),
}


def schema(table: str) -> pa.Schema:
    """Arrow schema of the parts of a table."""
    return pa.schema(
        [pa.field(c.name, c.type, metadata={"meaning": c.meaning}) for c in TABLES[table]]
    )
