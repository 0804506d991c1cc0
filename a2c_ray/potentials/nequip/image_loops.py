"""NequIP's convolution in small cells, where many edges join the same two atoms.

Radial weights times harmonics are summed over the edges of a pair first; what involves features
happens once a pair. An edge and the one that leads back have the same weights, and harmonics that
differ in sign at most, so that edges which lead forward are enough for the messages both ways.

Compiled by numba; imported only where it is installed.
"""

from __future__ import annotations

import numpy as np
from numba import float32, uintp

from a2c_ray.potentials.foreign_calls import (
    buffers,
    foreign_call,
    read_floats_2,
    read_floats_3,
    read_integers_2,
)
from a2c_ray.potentials.nequip.radial_loops import (
    Array,
    loops,
    part_of_loops,
    weigh,
    weigh_and_incline,
)

WEIGHT, CHANNELS, HARMONIC, HARMONIC_SIZE, SUM = range(5)
"""Columns of a table of harmonics, see `compiled_images.image_tables`."""

FROM, THROUGH, TO, TERM_CHANNELS = range(4)
"""Columns of a table of terms: where channels begin in features, sums and messages; how many."""

FORTH, BACK, AROUND = range(3)
"""Columns of the coefficients: along edges, against them, and both, of an atom with itself."""


@loops
def messages(
    features: Array,
    senders: Array,
    place: Array,
    harmonics: Array,
    table: Array,
    irreps: Array,
    terms: Array,
    coefficients: Array,
    received: Array,
    sums: Array,
) -> None:
    """Messages to all atoms.

    Args:
        features: of senders, `[A, features]`.
        senders: of each edge, among the N atoms of the cell, `[A, Q]`.
        place: of each edge in the table, in knots; edges beyond its end are none, and those that
            lead back are not needed, `[A, Q]`.
        harmonics: of each edge, `[A, M, Q]`.
        table: of radial weights, `[n_knots, 2, weights]`.
        irreps: of harmonics, `[I, 5]`.
        terms: products that are coupled, `[T, 4]`.
        coefficients: of the terms, `[T, 3]`.
        received: written, `[A, messages]`.
        sums: written where there are edges; of weights times harmonics, for each pair of atoms of a
            cell, those of an atom with itself included, `[S, N (N+1) / 2, sums]`.
    """
    weights = np.empty(table.shape[2], np.float32)
    edges = np.empty(senders.shape[1], np.uint64)
    end = table.shape[0] - 1
    n_atoms = uintp(senders.shape[0]) // uintp(sums.shape[0])
    forth, back = (terms, coefficients[:, FORTH]), (terms, coefficients[:, BACK])
    around = terms, coefficients[:, AROUND]
    for cell in range(uintp(sums.shape[0])):
        first, pair = cell * n_atoms, uintp(0)
        for i in range(first, first + n_atoms):
            received[i] = 0
        for i in range(first, first + n_atoms):
            for j in range(i, first + n_atoms):
                n_edges = _find_edges(senders[i], place[i], j - first, end, edges)
                if n_edges > 0:
                    total = sums[cell, pair]
                    total[:] = 0
                    for edge in edges[:n_edges]:
                        weigh(place[i, edge], table, weights)
                        _add(weights, harmonics[i, :, edge], irreps, total)
                    if i == j:
                        _send(features[i], total, around, received[i])
                    else:
                        _send(features[j], total, forth, received[i])
                        _send(features[i], total, back, received[j])
                pair += uintp(1)


@loops
def gradients(
    features: Array,
    senders: Array,
    place: Array,
    harmonics: Array,
    table: Array,
    irreps: Array,
    terms: Array,
    coefficients: Array,
    sums: Array,
    received: Array,
    to_features: Array,
    to_place: Array,
    to_harmonics: Array,
) -> None:
    """Gradients of a function of the messages of `messages`.

    Args:
        features, senders, place, harmonics, table, irreps, terms, coefficients: as there.
        sums: from there.
        received: gradient with respect to messages, `[A, messages]`.
        to_features, to_place, to_harmonics: written; gradients with respect to these arguments.
    """
    weights, slopes = np.empty(table.shape[2], np.float32), np.empty(table.shape[2], np.float32)
    to_total = np.empty(sums.shape[2], np.float32)
    edges = np.empty(senders.shape[1], np.uint64)
    end = table.shape[0] - 1
    n_atoms = uintp(senders.shape[0]) // uintp(sums.shape[0])
    forth, back = (terms, coefficients[:, FORTH]), (terms, coefficients[:, BACK])
    around = terms, coefficients[:, AROUND]
    for cell in range(uintp(sums.shape[0])):
        first, pair = cell * n_atoms, uintp(0)
        for i in range(first, first + n_atoms):
            to_features[i] = 0
            to_place[i] = 0
            to_harmonics[i] = 0
        for i in range(first, first + n_atoms):
            for j in range(i, first + n_atoms):
                n_edges = _find_edges(senders[i], place[i], j - first, end, edges)
                if n_edges > 0:
                    total = sums[cell, pair]
                    to_total[:] = 0
                    if i == j:
                        _return(features[i], total, around, received[i], to_features[i], to_total)
                    else:
                        _return(features[j], total, forth, received[i], to_features[j], to_total)
                        _return(features[i], total, back, received[j], to_features[i], to_total)
                    for edge in edges[:n_edges]:
                        weigh_and_incline(place[i, edge], table, weights, slopes)
                        of = weights, slopes, harmonics[i, :, edge]
                        to_place[i, edge] = _share(of, irreps, to_total, to_harmonics[i, :, edge])
                pair += uintp(1)


@part_of_loops
def _find_edges(senders: Array, place: Array, sender: int, end: int, edges: Array) -> int:
    """Indices of an atom's edges from one sender; how many there are."""
    n = uintp(0)
    for edge in range(uintp(senders.size)):
        if senders[edge] == sender and not place[edge] >= end:
            edges[n] = edge
            n += uintp(1)
    return n


@part_of_loops
def _add(weights: Array, harmonics: Array, irreps: Array, total: Array) -> None:
    """Add an edge's weights times harmonics to the sums of its pair."""
    for k in range(uintp(irreps.shape[0])):
        w, n = uintp(irreps[k, WEIGHT]), uintp(irreps[k, CHANNELS])
        h, z = uintp(irreps[k, HARMONIC]), uintp(irreps[k, SUM])
        for m in range(uintp(irreps[k, HARMONIC_SIZE])):
            y, zm = harmonics[h + m], z + m * n
            for c in range(n):
                total[zm + c] += y * weights[w + c]


@part_of_loops
def _share(of: tuple, irreps: Array, to_total: Array, to_harmonics: Array) -> float:
    """Gradient of an edge's weights times harmonics: returns that with respect to its place.

    Args:
        of: weights, their slopes, and harmonics of the edge.
        irreps: of the harmonics.
        to_total: gradient with respect to the sums of the pair.
        to_harmonics: written.
    """
    weights, slopes, harmonics = of
    slope = float32(0)
    for k in range(uintp(irreps.shape[0])):
        w, n = uintp(irreps[k, WEIGHT]), uintp(irreps[k, CHANNELS])
        h, z = uintp(irreps[k, HARMONIC]), uintp(irreps[k, SUM])
        for m in range(uintp(irreps[k, HARMONIC_SIZE])):
            along = across = float32(0)
            zm = z + m * n
            for c in range(n):
                along += slopes[w + c] * to_total[zm + c]
                across += weights[w + c] * to_total[zm + c]
            slope += harmonics[h + m] * along
            to_harmonics[h + m] = across
    return slope


@part_of_loops
def _send(features: Array, total: Array, by: tuple, received: Array) -> None:
    """Add to a message what comes from one sender, by terms and their coefficients."""
    terms, coefficients = by
    for term in range(uintp(terms.shape[0])):
        b = coefficients[term]
        if b == 0:
            continue
        x, z = uintp(terms[term, FROM]), uintp(terms[term, THROUGH])
        o, n = uintp(terms[term, TO]), uintp(terms[term, TERM_CHANNELS])
        for c in range(n):
            received[o + c] += b * features[x + c] * total[z + c]


@part_of_loops
def _return(
    features: Array, total: Array, by: tuple, received: Array, to_features: Array, to_total: Array
) -> None:
    """Add the gradients of what `_send` adds."""
    terms, coefficients = by
    for term in range(uintp(terms.shape[0])):
        b = coefficients[term]
        if b == 0:
            continue
        x, z = uintp(terms[term, FROM]), uintp(terms[term, THROUGH])
        o, n = uintp(terms[term, TO]), uintp(terms[term, TERM_CHANNELS])
        for c in range(n):
            g = b * received[o + c]
            to_total[z + c] += g * features[x + c]
            to_features[x + c] += g * total[z + c]


@foreign_call("a2c_image_messages")
def _call_messages(frame: int) -> int:
    arguments, results = buffers(frame)
    if arguments == 0:
        return 0
    messages(
        read_floats_2(arguments, 0),
        read_integers_2(arguments, 1),
        read_floats_2(arguments, 2),
        read_floats_3(arguments, 3),
        read_floats_3(arguments, 4),
        read_integers_2(arguments, 5),
        read_integers_2(arguments, 6),
        read_floats_2(arguments, 7),
        read_floats_2(results, 0),
        read_floats_3(results, 1),
    )
    return 0


@foreign_call("a2c_image_message_gradients")
def _call_gradients(frame: int) -> int:
    arguments, results = buffers(frame)
    if arguments == 0:
        return 0
    gradients(
        read_floats_2(arguments, 0),
        read_integers_2(arguments, 1),
        read_floats_2(arguments, 2),
        read_floats_3(arguments, 3),
        read_floats_3(arguments, 4),
        read_integers_2(arguments, 5),
        read_integers_2(arguments, 6),
        read_floats_2(arguments, 7),
        read_floats_3(arguments, 8),
        read_floats_2(arguments, 9),
        read_floats_2(results, 0),
        read_floats_2(results, 1),
        read_floats_3(results, 2),
    )
    return 0
