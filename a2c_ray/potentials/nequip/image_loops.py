"""NequIP's convolution in small cells, where many edges join the same two atoms.

Radial weights times harmonics are summed over the edges of a pair first; what involves the features
of the sender happens once a pair. Compiled by numba; imported only where it is installed.
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
from a2c_ray.potentials.nequip.radial_loops import Array, incline, loops, weigh

WEIGHT, CHANNELS, HARMONIC, HARMONIC_SIZE, SUM = range(5)
"""Columns of a table of paths, see `compiled_images.image_tables`."""

FROM, THROUGH, TO, TERM_CHANNELS = range(4)
"""Columns of a table of terms: where channels begin in features, sums and messages; how many."""


@loops
def messages(
    features: Array,
    senders: Array,
    place: Array,
    harmonics: Array,
    table: Array,
    paths: Array,
    terms: Array,
    coefficients: Array,
    received: Array,
    sums: Array,
) -> None:
    """Messages to all atoms.

    Args:
        features: of senders, `[A, features]`.
        senders: of each edge, among the N atoms of the cell, `[A, Q]`.
        place: of each edge in the table, in knots; edges beyond its end are none, `[A, Q]`.
        harmonics: of each edge, `[A, Q, M]`.
        table: of radial weights, `[n_knots, 2, weights]`.
        paths: `[P, 5]`.
        terms: products that are coupled, `[T, 4]`.
        coefficients: of the terms, `[T, 1]`.
        received: written, `[A, messages]`.
        sums: written; of weights times harmonics, `[A, N, sums]`.
    """
    weights = np.empty(table.shape[2], np.float32)
    n_atoms = uintp(sums.shape[1])
    for atom in range(uintp(senders.shape[0])):
        sums[atom] = 0
        received[atom] = 0
        for edge in range(uintp(senders.shape[1])):
            if place[atom, edge] >= table.shape[0] - 1:
                continue
            weigh(place[atom, edge], table, weights)
            sender = uintp(senders[atom, edge])
            for path in range(uintp(paths.shape[0])):
                w, n = uintp(paths[path, WEIGHT]), uintp(paths[path, CHANNELS])
                h, z = uintp(paths[path, HARMONIC]), uintp(paths[path, SUM])
                for m in range(uintp(paths[path, HARMONIC_SIZE])):
                    y, zm = harmonics[atom, edge, h + m], z + m * n
                    for c in range(n):
                        sums[atom, sender, zm + c] += y * weights[w + c]
        first = atom - atom % n_atoms
        for sender in range(n_atoms):
            for term in range(uintp(terms.shape[0])):
                x, z = uintp(terms[term, FROM]), uintp(terms[term, THROUGH])
                o, b = uintp(terms[term, TO]), coefficients[term, 0]
                for c in range(uintp(terms[term, TERM_CHANNELS])):
                    received[atom, o + c] += (
                        b * features[first + sender, x + c] * sums[atom, sender, z + c]
                    )


@loops
def gradients(
    features: Array,
    senders: Array,
    place: Array,
    harmonics: Array,
    table: Array,
    paths: Array,
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
        features, senders, place, harmonics, table, paths, terms, coefficients: as there.
        sums: from there.
        received: gradient with respect to messages, `[A, messages]`.
        to_features, to_place, to_harmonics: written; gradients with respect to these arguments.
    """
    weights, slopes = np.empty(table.shape[2], np.float32), np.empty(table.shape[2], np.float32)
    to_sums = np.empty(sums.shape[1:], np.float32)
    n_atoms = uintp(sums.shape[1])
    for atom in range(uintp(senders.shape[0])):
        to_features[atom] = 0
    for atom in range(uintp(senders.shape[0])):
        to_sums[:] = 0
        first = atom - atom % n_atoms
        for sender in range(n_atoms):
            for term in range(uintp(terms.shape[0])):
                x, z = uintp(terms[term, FROM]), uintp(terms[term, THROUGH])
                o, b = uintp(terms[term, TO]), coefficients[term, 0]
                for c in range(uintp(terms[term, TERM_CHANNELS])):
                    g = b * received[atom, o + c]
                    to_sums[sender, z + c] += g * features[first + sender, x + c]
                    to_features[first + sender, x + c] += g * sums[atom, sender, z + c]
        for edge in range(uintp(senders.shape[1])):
            to_harmonics[atom, edge] = 0
            slope = float32(0)
            if place[atom, edge] >= table.shape[0] - 1:
                to_place[atom, edge] = slope
                continue
            weigh(place[atom, edge], table, weights)
            incline(place[atom, edge], table, slopes)
            sender = uintp(senders[atom, edge])
            for path in range(uintp(paths.shape[0])):
                w, n = uintp(paths[path, WEIGHT]), uintp(paths[path, CHANNELS])
                h, z = uintp(paths[path, HARMONIC]), uintp(paths[path, SUM])
                for m in range(uintp(paths[path, HARMONIC_SIZE])):
                    along = across = float32(0)
                    zm = z + m * n
                    for c in range(n):
                        along += slopes[w + c] * to_sums[sender, zm + c]
                        across += weights[w + c] * to_sums[sender, zm + c]
                    slope += harmonics[atom, edge, h + m] * along
                    to_harmonics[atom, edge, h + m] += across
            to_place[atom, edge] = slope


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
