"""NequIP's convolution as loops over atoms and edges, compiled by numba.

An edge's radial weights and messages, and their gradients, are made and used while they are in the
processor's nearest caches: nothing is stored for an edge but what its gradient is. The innermost
loops run over channels, which lie together in memory, and are vectorized.

Sums of several products are written out, because a loop over them would cost the vectorization.

Imported only where numba is installed.
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

SENDER, SENDER_SIZE, CHANNELS, COUPLING, RECEIVER_SIZE, RECEIVER, STRIDE, WEIGHT = range(8)
"""Columns of a table of paths, see `compiled_convolution.path_table`."""


@loops
def messages(
    features: Array,
    senders: Array,
    place: Array,
    coupled: Array,
    table: Array,
    paths: Array,
    received: Array,
) -> None:
    """Messages to all atoms.

    Args:
        features: of senders, `[A, features]`.
        senders: of each edge, `[A, Q]`.
        place: of each edge in the table, in knots; edges beyond its end are none, `[A, Q]`.
        coupled: harmonics times coupling coefficients, `[A, Q, B]`.
        table: of radial weights, `[n_knots, 2, weights]`.
        paths: `[P, 8]`.
        received: written, `[A, messages]`.
    """
    weights = np.empty(table.shape[2], np.float32)
    end = table.shape[0] - 1
    for atom in range(uintp(senders.shape[0])):
        for i in range(uintp(received.shape[1])):
            received[atom, i] = 0
        for edge in range(uintp(senders.shape[1])):
            if place[atom, edge] >= end:
                continue
            weigh(place[atom, edge], table, weights)
            sender = uintp(senders[atom, edge])
            for path in range(uintp(paths.shape[0])):
                x, size = uintp(paths[path, SENDER]), paths[path, SENDER_SIZE]
                n, w = uintp(paths[path, CHANNELS]), uintp(paths[path, WEIGHT])
                b, step = uintp(paths[path, COUPLING]), uintp(paths[path, RECEIVER_SIZE])
                y, stride = uintp(paths[path, RECEIVER]), uintp(paths[path, STRIDE])
                for m in range(step):
                    at = (received, atom, y + m * stride, weights, w, n)
                    sent = (features, sender, x)
                    by = (coupled, atom, edge, b + m, step)
                    if size == 1:
                        _receive_1(at, sent, by)
                    elif size == 3:
                        _receive_3(at, sent, by)
                    elif size == 5:
                        _receive_5(at, sent, by)
                    else:
                        _receive_7(at, sent, by)


@loops
def gradients(
    features: Array,
    senders: Array,
    place: Array,
    coupled: Array,
    table: Array,
    paths: Array,
    received: Array,
    to_features: Array,
    to_place: Array,
    to_coupled: Array,
) -> None:
    """Gradients of a function of messages.

    Args:
        features, senders, place, coupled, table, paths: as for `messages`.
        received: gradient with respect to messages, `[A, messages]`.
        to_features, to_place, to_coupled: written; gradients with respect to these arguments.
    """
    weights, slopes = np.empty(table.shape[2], np.float32), np.empty(table.shape[2], np.float32)
    end = table.shape[0] - 1
    for atom in range(uintp(senders.shape[0])):
        for i in range(uintp(features.shape[1])):
            to_features[atom, i] = 0
    for atom in range(uintp(senders.shape[0])):
        for edge in range(uintp(senders.shape[1])):
            for i in range(uintp(coupled.shape[2])):
                to_coupled[atom, edge, i] = 0
            slope = float32(0)
            if place[atom, edge] >= end:
                to_place[atom, edge] = slope
                continue
            weigh_and_incline(place[atom, edge], table, weights, slopes)
            sender = uintp(senders[atom, edge])
            for path in range(uintp(paths.shape[0])):
                x, size = uintp(paths[path, SENDER]), uintp(paths[path, SENDER_SIZE])
                n, w = uintp(paths[path, CHANNELS]), uintp(paths[path, WEIGHT])
                b, step = uintp(paths[path, COUPLING]), paths[path, RECEIVER_SIZE]
                y, stride = uintp(paths[path, RECEIVER]), uintp(paths[path, STRIDE])
                for m in range(size):
                    of = (received, atom, y, stride, weights, slopes, w, n)
                    sent = (features, to_features, sender, x + m * n)
                    by = (coupled, to_coupled, atom, edge, b + m * uintp(step))
                    if step == 1:
                        slope += _return_1(of, sent, by)
                    elif step == 3:
                        slope += _return_3(of, sent, by)
                    elif step == 5:
                        slope += _return_5(of, sent, by)
                    else:
                        slope += _return_7(of, sent, by)
            to_place[atom, edge] = slope


@part_of_loops
def _receive_1(at: tuple, sent: tuple, by: tuple) -> None:
    """Add to one component of a message what comes from a sender of one component.

    Args:
        at: messages, atom, index of the component's channels; weights, index of the path's; number
            of channels.
        sent: features, sender, index of the channels of the sender's first component.
        by: coupled harmonics, atom, edge, index of that of the sender's first component, and how
            far it is to that of the next.
    """
    y, atom, o, w, wi, n = at
    x, j, xi = sent
    b, _, e, bi, _ = by
    b0 = b[atom, e, bi]
    for c in range(n):
        y[atom, o + c] += w[wi + c] * (b0 * x[j, xi + c])


@part_of_loops
def _receive_3(at: tuple, sent: tuple, by: tuple) -> None:
    y, atom, o, w, wi, n = at
    x, j, x0 = sent
    b, _, e, bi, step = by
    b0, b1, b2 = b[atom, e, bi], b[atom, e, bi + step], b[atom, e, bi + uintp(2) * step]
    x1, x2 = x0 + n, x0 + uintp(2) * n
    for c in range(n):
        y[atom, o + c] += w[wi + c] * (b0 * x[j, x0 + c] + b1 * x[j, x1 + c] + b2 * x[j, x2 + c])


@part_of_loops
def _receive_5(at: tuple, sent: tuple, by: tuple) -> None:
    y, atom, o, w, wi, n = at
    x, j, x0 = sent
    b, _, e, bi, step = by
    b0, b1, b2 = b[atom, e, bi], b[atom, e, bi + step], b[atom, e, bi + uintp(2) * step]
    b3, b4 = b[atom, e, bi + uintp(3) * step], b[atom, e, bi + uintp(4) * step]
    x1, x2, x3, x4 = x0 + n, x0 + uintp(2) * n, x0 + uintp(3) * n, x0 + uintp(4) * n
    for c in range(n):
        y[atom, o + c] += w[wi + c] * (
            (b0 * x[j, x0 + c] + b1 * x[j, x1 + c])
            + (b2 * x[j, x2 + c] + b3 * x[j, x3 + c])
            + b4 * x[j, x4 + c]
        )


@part_of_loops
def _receive_7(at: tuple, sent: tuple, by: tuple) -> None:
    y, atom, o, w, wi, n = at
    x, j, x0 = sent
    b, _, e, bi, step = by
    b0, b1, b2 = b[atom, e, bi], b[atom, e, bi + step], b[atom, e, bi + uintp(2) * step]
    b3, b4 = b[atom, e, bi + uintp(3) * step], b[atom, e, bi + uintp(4) * step]
    b5, b6 = b[atom, e, bi + uintp(5) * step], b[atom, e, bi + uintp(6) * step]
    x1, x2, x3, x4 = x0 + n, x0 + uintp(2) * n, x0 + uintp(3) * n, x0 + uintp(4) * n
    x5, x6 = x0 + uintp(5) * n, x0 + uintp(6) * n
    for c in range(n):
        y[atom, o + c] += w[wi + c] * (
            (b0 * x[j, x0 + c] + b1 * x[j, x1 + c])
            + (b2 * x[j, x2 + c] + b3 * x[j, x3 + c])
            + (b4 * x[j, x4 + c] + b5 * x[j, x5 + c])
            + b6 * x[j, x6 + c]
        )


@part_of_loops
def _return_1(of: tuple, sent: tuple, by: tuple) -> float:
    """Gradients of one component of a sender, from messages of one component.

    Args:
        of: gradients with respect to messages, atom, index of the first component's channels, how
            far it is to those of the next; weights, their slopes, index of the path's; number of
            channels.
        sent: features, gradients with respect to them (added to), sender, index of the channels.
        by: coupled harmonics, gradients with respect to them (added to), atom, edge, index of that
            of the message's first component.

    Returns:
        The gradient with respect to the place of the edge.
    """
    g, atom, o, _, w, v, wi, n = of
    x, dx, j, xi = sent
    b, db, _, e, bi = by
    b0 = b[atom, e, bi]
    slope = s0 = float32(0)
    for c in range(n):
        g0 = g[atom, o + c]
        there, here = x[j, xi + c], b0 * g0
        dx[j, xi + c] += w[wi + c] * here
        slope += v[wi + c] * there * here
        s0 += w[wi + c] * there * g0
    db[atom, e, bi] += s0
    return slope


@part_of_loops
def _return_3(of: tuple, sent: tuple, by: tuple) -> float:
    g, atom, o0, stride, w, v, wi, n = of
    x, dx, j, xi = sent
    b, db, _, e, bi = by
    o1, o2 = o0 + stride, o0 + uintp(2) * stride
    i1, i2 = bi + uintp(1), bi + uintp(2)
    b0, b1, b2 = b[atom, e, bi], b[atom, e, i1], b[atom, e, i2]
    slope = s0 = s1 = s2 = float32(0)
    for c in range(n):
        g0, g1, g2 = g[atom, o0 + c], g[atom, o1 + c], g[atom, o2 + c]
        there, here = x[j, xi + c], b0 * g0 + b1 * g1 + b2 * g2
        dx[j, xi + c] += w[wi + c] * here
        slope += v[wi + c] * there * here
        weighted = w[wi + c] * there
        s0 += weighted * g0
        s1 += weighted * g1
        s2 += weighted * g2
    db[atom, e, bi] += s0
    db[atom, e, i1] += s1
    db[atom, e, i2] += s2
    return slope


@part_of_loops
def _return_5(of: tuple, sent: tuple, by: tuple) -> float:
    g, atom, o0, stride, w, v, wi, n = of
    x, dx, j, xi = sent
    b, db, _, e, bi = by
    o1, o2 = o0 + stride, o0 + uintp(2) * stride
    o3, o4 = o0 + uintp(3) * stride, o0 + uintp(4) * stride
    i1, i2, i3, i4 = bi + uintp(1), bi + uintp(2), bi + uintp(3), bi + uintp(4)
    b0, b1, b2 = b[atom, e, bi], b[atom, e, i1], b[atom, e, i2]
    b3, b4 = b[atom, e, i3], b[atom, e, i4]
    slope = s0 = s1 = s2 = s3 = s4 = float32(0)
    for c in range(n):
        g0, g1, g2 = g[atom, o0 + c], g[atom, o1 + c], g[atom, o2 + c]
        g3, g4 = g[atom, o3 + c], g[atom, o4 + c]
        there, here = x[j, xi + c], (b0 * g0 + b1 * g1) + (b2 * g2 + b3 * g3) + b4 * g4
        dx[j, xi + c] += w[wi + c] * here
        slope += v[wi + c] * there * here
        weighted = w[wi + c] * there
        s0 += weighted * g0
        s1 += weighted * g1
        s2 += weighted * g2
        s3 += weighted * g3
        s4 += weighted * g4
    db[atom, e, bi] += s0
    db[atom, e, i1] += s1
    db[atom, e, i2] += s2
    db[atom, e, i3] += s3
    db[atom, e, i4] += s4
    return slope


@part_of_loops
def _return_7(of: tuple, sent: tuple, by: tuple) -> float:
    g, atom, o0, stride, w, v, wi, n = of
    x, dx, j, xi = sent
    b, db, _, e, bi = by
    o1, o2, o3 = o0 + stride, o0 + uintp(2) * stride, o0 + uintp(3) * stride
    o4, o5, o6 = o0 + uintp(4) * stride, o0 + uintp(5) * stride, o0 + uintp(6) * stride
    i1, i2, i3 = bi + uintp(1), bi + uintp(2), bi + uintp(3)
    i4, i5, i6 = bi + uintp(4), bi + uintp(5), bi + uintp(6)
    b0, b1, b2, b3 = b[atom, e, bi], b[atom, e, i1], b[atom, e, i2], b[atom, e, i3]
    b4, b5, b6 = b[atom, e, i4], b[atom, e, i5], b[atom, e, i6]
    slope = s0 = s1 = s2 = s3 = s4 = s5 = s6 = float32(0)
    for c in range(n):
        g0, g1, g2 = g[atom, o0 + c], g[atom, o1 + c], g[atom, o2 + c]
        g3, g4 = g[atom, o3 + c], g[atom, o4 + c]
        g5, g6 = g[atom, o5 + c], g[atom, o6 + c]
        there = x[j, xi + c]
        here = (b0 * g0 + b1 * g1) + (b2 * g2 + b3 * g3) + (b4 * g4 + b5 * g5) + b6 * g6
        dx[j, xi + c] += w[wi + c] * here
        slope += v[wi + c] * there * here
        weighted = w[wi + c] * there
        s0 += weighted * g0
        s1 += weighted * g1
        s2 += weighted * g2
        s3 += weighted * g3
        s4 += weighted * g4
        s5 += weighted * g5
        s6 += weighted * g6
    db[atom, e, bi] += s0
    db[atom, e, i1] += s1
    db[atom, e, i2] += s2
    db[atom, e, i3] += s3
    db[atom, e, i4] += s4
    db[atom, e, i5] += s5
    db[atom, e, i6] += s6
    return slope


@foreign_call("a2c_messages")
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
        read_floats_2(results, 0),
    )
    return 0


@foreign_call("a2c_message_gradients")
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
        read_floats_2(arguments, 6),
        read_floats_2(results, 0),
        read_floats_2(results, 1),
        read_floats_3(results, 2),
    )
    return 0
