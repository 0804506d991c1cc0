"""The tables of the lake: columns, types, units, meanings."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

VERSION = 9
"""Of the tables. Columns and tables are only ever added, and each addition raises it; parts of
earlier versions have nulls there."""


class Column(NamedTuple):
    """One column: its name, Arrow type, unit ("" for none) and meaning."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str


TEXT, INT, REAL, BOOL = pa.string(), pa.int32(), pa.float64(), pa.bool_()
TIME = pa.timestamp("us", tz="UTC")
REALS, TEXTS, INTS = pa.list_(pa.float64()), pa.list_(pa.string()), pa.list_(pa.int32())

KEPT, POOR, ALONE = "kept", "poor", "alone"
"""Verdicts of `proof` on a student: relied on, not relied on, not trained."""

STRUCTURE = (
    Column("formula", TEXT, "", "reduced formula"),
    Column("n_atoms", INT, "", "atoms in the cell"),
    Column("lattice", REALS, "Å", "lattice vectors a, b, c, one after another"),
    Column("species", TEXTS, "", "element of each atom"),
    Column("frac_coords", REALS, "", "fractional coordinates of the atoms, one after another"),
)

SUBCELLS = (
    Column("subcell_id", TEXT, "", "identifies the subcell, or the given cell"),
    Column("glass_id", TEXT, "", "glass that it was cut from; null for a given cell"),
    Column("outcome", TEXT, "", "converged, max_steps, exploded, fused, overflow or hopeless"),
    Column("steps", INT, "", "steps of the optimizer"),
    Column("energy_per_atom", REAL, "eV", "potential energy; null unless converged or max_steps"),
    Column(
        "enthalpy_per_atom",
        REAL,
        "eV",
        "the same with pressure times volume; null where no pressure is set",
    ),
    Column("volume_per_atom", REAL, "Å³", "volume of the cell over its atoms"),
    Column("max_force", REAL, "eV/Å", "largest force on an atom"),
    Column(
        "max_stress",
        REAL,
        "eV/Å³",
        "largest component of the stress beyond the set pressure, as far as the cell may follow",
    ),
    Column(
        "min_distance",
        REAL,
        "Å",
        "smallest distance between two atoms, images included; null beyond the cutoff",
    ),
    Column(
        "closest_contact",
        REAL,
        "",
        "smallest distance over the sum of covalent radii, over all steps",
    ),
    Column("peak_force", REAL, "eV/Å", "largest finite force on an atom, over all steps"),
    Column("polymorph", TEXT, "", "published polymorph that it matches; null for none"),
    Column("polymorph_rms", REAL, "", "rms displacement from that polymorph, over (V/n)^(1/3)"),
    *STRUCTURE,  # relaxed; as cut from the glass if the outcome is not sound
    Column("n_grid", INT, "", "grid cells along each axis of the glass, between n_grid + 1 planes"),
    Column("lower", INTS, "", "grid plane of the lower face along each axis"),
    Column("upper", INTS, "", "grid plane of the upper face along each axis"),
)
"""Of what becomes of subcells. In a cascade all are in `screened`, with the energies of the cheap
potential, and the lowest that are distinct are in `relaxed`, with those of the accurate one. Where
a run trains the cheap one itself, `sampled` holds what the accurate one has relaxed from the glass;
`students` what was trained; `judged` how far it errs where it matters; `weighed` what the accurate
one says of all that is low; `proof` what may be lost."""

OWNER = (
    Column("system", TEXT, "", "name of the system, such as MgF2"),
    Column("run_id", TEXT, "", "identifies the run"),
)
"""Columns that stand in the path of a part, not in it."""

TABLES: dict[str, tuple[Column, ...]] = {
    "runs": (
        Column("attempt", INT, "", "number of the attempt at the run, from 1"),
        Column("started_at", TIME, "", "start of the attempt"),
        Column(
            "finished_at", TIME, "", "end of the attempt; null while it runs, or if it was killed"
        ),
        Column("status", TEXT, "", "running, finished, failed or interrupted"),
        Column("failures", TEXTS, "", "what failed, with its reason; null while it runs"),
        Column("config", TEXT, "", "all settings, JSON"),
        Column("versions", TEXT, "", "versions of the packages that results depend on, JSON"),
        Column("hardware", TEXT, "", "host and resources of the cluster, JSON"),
        Column("potential", TEXT, "", "name of the potential that products are ranked under"),
        Column("potential_fingerprint", TEXT, "", "hash of its weights and architecture"),
        Column("screening_potential", TEXT, "", "name of a cascade's cheap potential"),
        Column("screening_fingerprint", TEXT, "", "hash of its weights and architecture"),
    ),
    "amorphous": (
        Column("glass_id", TEXT, "", "identifies the glass"),
        Column("outcome", TEXT, "", "glass or failed"),
        Column("reason", TEXT, "", "why the melt-quench failed; null if it did not"),
        Column("t_high", REAL, "K", "temperature of the melt"),
        Column("t_low", REAL, "K", "temperature of the glass"),
        Column("density", REAL, "g/cm³", "mass density of the cell"),
        Column("volume_per_atom", REAL, "Å³", "volume of the cell over its atoms"),
        Column("seed", pa.int64(), "", "seed of the initial positions and velocities"),
        Column("energy_per_atom", REAL, "eV", "potential energy of the last structure"),
        Column("pressure", REAL, "GPa", "mean over the last 200 steps at T_low"),
        Column("temperature", REAL, "K", "mean over the last 200 steps at T_low"),
        *STRUCTURE,
        Column("min_distance", REAL, "Å", "smallest distance between two atoms, images included"),
        Column(
            "closest_contact",
            REAL,
            "",
            "smallest distance over the sum of covalent radii, over all steps",
        ),
        Column("peak_force", REAL, "eV/Å", "largest force on an atom, over all steps"),
        Column(
            "melt_overlap",
            REAL,
            "",
            "share of the atoms of the slowest element that ended the melt where they began, or "
            "were in the snapshot before",
        ),
        Column(
            "melt_steps",
            INT,
            "",
            "steps of the melt before its quench; glasses of one seed come from one melt",
        ),
        Column("potential", TEXT, "", "name of the potential"),
        Column("potential_fingerprint", TEXT, "", "hash of its weights and architecture"),
        Column(
            "wall_s", REAL, "s", "time that the batch of melt-quenches took which it was part of"
        ),
        Column(
            "taken_from", TEXT, "", "run that made it with the same settings; null if this one did"
        ),
    ),
    "md_trace": (
        Column("glass_id", TEXT, "", "identifies the glass"),
        Column("step", INT, "", "step of the molecular dynamics, from 1"),
        Column("time_fs", REAL, "fs", "simulated time since the start"),
        Column("thermostat", REAL, "K", "temperature that the thermostat is set to"),
        Column("temperature", REAL, "K", "kinetic temperature of the atoms"),
        Column("energy_per_atom", REAL, "eV", "potential energy"),
        Column("pressure", REAL, "GPa", "pressure, kinetic part included"),
        Column(
            "conserved_per_atom", REAL, "eV", "conserved energy: of atoms and thermostat together"
        ),
        Column("frac_coords", REALS, "", "snapshot, as in amorphous; null at most steps"),
    ),
    "screened": (
        *SUBCELLS,
        Column(
            "student",
            TEXT,
            "",
            "in a cascade that teaches itself: hash of the student that relaxed it",
        ),
    ),
    "sampled": (
        *SUBCELLS,
        Column("sample", TEXT, "", "control, or training for those that a student learnt from"),
    ),
    "students": (
        Column("round", INT, "", "of training, from 1"),
        Column("student", TEXT, "", "hash of its weights and architecture"),
        Column("n_labels", INT, "", "structures that it learnt from or was validated with"),
        Column("n_compositions", INT, "", "reduced formulas among them"),
        Column("n_parameters", INT, "", "numbers that it holds"),
        Column("steps", INT, "", "gradient steps"),
        Column("energy_mae", REAL, "eV", "mean error per atom of structures held out"),
        Column("forces_mae", REAL, "eV/Å", "mean error of force components, likewise"),
        Column("wall_s", REAL, "s", "time of the training, without what was done before a stop"),
    ),
    "learning": (
        Column("round", INT, "", "of training, from 1"),
        Column("step", INT, "", "gradient steps taken"),
        Column("epoch", REAL, "", "times that each structure has been seen"),
        Column("train_loss", REAL, "", "mean loss since the row before"),
        Column("train_energy_mae", REAL, "eV", "mean error per atom, likewise"),
        Column("train_forces_mae", REAL, "eV/Å", "mean error of force components, likewise"),
        Column("validation_loss", REAL, "", "mean loss of structures held out"),
        Column("validation_energy_mae", REAL, "eV", "mean error per atom of these"),
        Column("validation_forces_mae", REAL, "eV/Å", "mean error of force components of these"),
    ),
    "judged": (
        Column("subcell_id", TEXT, "", "subcell, as it was relaxed, that both were asked about"),
        Column("relaxed_by", TEXT, "", "student, or teacher for those of the control sample"),
        Column("student", TEXT, "", "hash of the student that was asked"),
        Column("formula", TEXT, "", "reduced formula"),
        Column("student_energy", REAL, "eV", "per atom, of the student; or enthalpy"),
        Column("energy", REAL, "eV", "the same of the teacher"),
        Column("first_student_energy", REAL, "eV", "the same of the student of the first round"),
    ),
    "weighed": (
        Column("subcell_id", TEXT, "", "subcell, as the student has relaxed it"),
        Column("student", TEXT, "", "hash of the student"),
        Column("formula", TEXT, "", "reduced formula"),
        Column("n_atoms", INT, "", "number of atoms"),
        Column("energy", REAL, "eV", "per atom, of the teacher; or enthalpy; null if it has none"),
    ),
    "proof": (
        Column("student", TEXT, "", "hash of the student; null if none was trained"),
        Column("verdict", TEXT, "", "kept, poor (the teacher did the rest) or alone (no student)"),
        Column("reason", TEXT, "", "the verdict in words"),
        Column("pool", INT, "", "subcells that there are"),
        Column("n_control", INT, "", "of them in the control sample"),
        Column("n_selected", INT, "", "crystals that were chosen to be refined"),
        Column("k", INT, "", "lowest distinct crystals of the control sample"),
        Column("found", INT, "", "of them that refinement found"),
        Column("formulas", INT, "", "reduced formulas in the control sample"),
        Column("lowest_kept", INT, "", "of them with nothing lower than refinement found"),
        Column(
            "missed", REAL, "", "chance that one such crystal is missed, (k - found + 1)/(k + 2)"
        ),
        Column("confidence", REAL, "", "with which the window is to hold the lowest crystals"),
        Column("refined_within", REAL, "eV", "per atom, above the lowest, that was refined"),
        Column("first_error", REAL, "eV", "median error per atom of the first student, relative"),
        Column("error", REAL, "eV", "the same of the student that screened"),
        Column("work", REAL, "", "evaluations of an atom by the teacher, melts apart"),
        Column("work_alone", REAL, "", "that it would have taken alone, after the control sample"),
    ),
    "relaxed": (
        *SUBCELLS,
        Column(
            "alike",
            TEXTS,
            "",
            "in a cascade: subcells that screening relaxed to this crystal, lowest first",
        ),
        Column("source_file", TEXT, "", "of a given cell: file that it was read from"),
        Column("source_index", INT, "", "of a given cell: place in the file, from 0"),
        Column("source_name", TEXT, "", "of a given cell: name that the file gives it"),
        Column(
            "forces", REALS, "eV/Å", "of a given cell: on its atoms, x, y, z of one after another"
        ),
        Column(
            "stress",
            REALS,
            "eV/Å³",
            "of a given cell: nine components, positive under tension, whatever pressure is set",
        ),
    ),
    "products": (
        Column(
            "product_id",
            TEXT,
            "",
            "identifies the product; ends in its place among its formula, from 00",
        ),
        Column("energy_per_atom", REAL, "eV", "potential energy of its lowest subcell"),
        Column(
            "enthalpy_per_atom",
            REAL,
            "eV",
            "the same with pressure times volume, by which products are ranked; null without one",
        ),
        Column(
            "delta_mev",
            REAL,
            "meV/atom",
            "energy, or enthalpy, above the lowest product of the same formula; negative of "
            "holes of the potential",
        ),
        Column("degenerate", BOOL, "", "whether it is the lowest, or within 2 meV/atom of it"),
        Column("space_group", TEXT, "", "space group at a tolerance of 0.1 Å"),
        Column("space_group_0_05", TEXT, "", "space group at a tolerance of 0.05 Å"),
        Column("space_group_0_01", TEXT, "", "space group at a tolerance of 0.01 Å"),
        Column("polymorph", TEXT, "", "published polymorph that it matches; null for none"),
        Column("polymorph_rms", REAL, "", "rms displacement from that polymorph, over (V/n)^(1/3)"),
        Column(
            "stacking_variant",
            TEXT,
            "",
            "polymorph that it differs from in the stacking of its layers only; null for none",
        ),
        Column(
            "dimensionality",
            TEXT,
            "",
            "in which contacts up to 1.5 sums of covalent radii hold it together: 3D of crystals, "
            "2D of layers, 1D of chains, 0D of molecules, 02D of layers and molecules",
        ),
        Column(
            "unlike_twin",
            TEXT,
            "",
            "in what it differs from a lower product of its formula, energy and space group; null "
            "if there is none",
        ),
        Column("n_subcells", INT, "", "number of subcells that reached it"),
        Column("n_relaxed", INT, "", "number of soundly relaxed subcells of its formula"),
        Column("volume_per_atom", REAL, "Å³", "volume of the cell over its atoms"),
        *STRUCTURE,
        Column("subcell_id", TEXT, "", "lowest subcell that reached it"),
        Column("subcell_ids", TEXTS, "", "all subcells that reached it, lowest first"),
    ),
    "rescored": (
        Column("product_id", TEXT, "", "product that another potential was asked about"),
        Column(
            "subcell_id", TEXT, "", "lowest subcell that reached it, when the potential was asked"
        ),
        Column("rescored_at", TIME, "", "when the potential was asked"),
        Column("potential", TEXT, "", "name of the potential that was asked"),
        Column("potential_fingerprint", TEXT, "", "hash of its weights and architecture"),
        Column("is_relaxed", BOOL, "", "whether the product was relaxed again under it"),
        Column(
            "outcome",
            TEXT,
            "",
            "converged, max_steps, exploded, fused or overflow; evaluated without relaxation",
        ),
        Column("is_same", BOOL, "", "whether it relaxed into itself; null if it did not relax"),
        Column("energy_per_atom", REAL, "eV", "potential energy; null if the relaxation failed"),
        Column("enthalpy_per_atom", REAL, "eV", "the same with pressure; null without pressure"),
        Column("volume_per_atom", REAL, "Å³", "volume of the cell over its atoms"),
        *STRUCTURE,
    ),
    "limits": (
        Column("name", TEXT, "", "glass, or known polymorph, that was relaxed"),
        Column("is_glass", BOOL, "", "whether it is a glass"),
        Column(
            "is_published",
            BOOL,
            "",
            "whether the structure of a polymorph was published for its composition; null for "
            "glasses",
        ),
        Column("potential", TEXT, "", "name of the potential"),
        Column("potential_fingerprint", TEXT, "", "hash of its weights and architecture"),
        Column("outcome", TEXT, "", "converged, max_steps, exploded, fused or overflow"),
        Column("energy_per_atom", REAL, "eV", "potential energy; null if the relaxation failed"),
        Column("volume_per_atom", REAL, "Å³", "volume of the cell over its atoms"),
        *STRUCTURE,
    ),
}


def columns_of(table: str) -> tuple[Column, ...]:
    """All columns of a table in SQL."""
    return (*OWNER, *TABLES[table])


def schema(table: str) -> pa.Schema:
    """Arrow schema of the parts of a table."""
    return pa.schema(
        [
            pa.field(c.name, c.type, metadata={"meaning": c.meaning, "unit": c.unit})
            for c in TABLES[table]
        ],
        metadata={"a2c_schema": str(VERSION)},
    )


def describe_columns() -> str:
    """All columns as Markdown tables: name, type, unit, meaning."""
    lines = [
        "# Columns of the lake",
        "",
        f"Version {VERSION} of the tables.",
    ]
    for table in TABLES:
        lines += ["", f"## {table}", "", "| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{c.name}` | {type_name(c.type)} | {c.unit} | {c.meaning} |"
            for c in columns_of(table)
        ]
    return "\n".join(lines) + "\n"


def type_name(type_: pa.DataType) -> str:
    """Name of a column's type in SQL."""
    if pa.types.is_list(type_):
        return f"{type_name(type_.value_type)}[]"
    return _SQL_TYPES[type_]


_SQL_TYPES = {
    TEXT: "VARCHAR",
    INT: "INTEGER",
    pa.int64(): "BIGINT",
    REAL: "DOUBLE",
    BOOL: "BOOLEAN",
    TIME: "TIMESTAMPTZ",
}
