"""Functions compiled by numba as calls of XLA's programs on a CPU.

XLA hands over a call frame: pointers to the buffers of arguments and results, with their shapes. A
handler, which numba compiles as well, reads arrays from it without copies:

    @foreign_call("a2c_double")
    def double(frame):
        arguments, results = buffers(frame)
        if arguments:
            loops(read_floats_2(arguments, 0), read_floats_2(results, 0))
        return 0

Source: XLA's C interface of foreign functions, `xla/ffi/api/c_api.h` of jaxlib 0.8.0 to 0.10.1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic
from numba.np.unsafe.ndarray import to_fixed_tuple

INTERFACE_VERSION = 0 | 1 << 32
"""Major version, and minor version in the upper half of a word: the oldest with these structures,
which are the same up to 0.3."""

# Words of 8 bytes from the beginning of each structure.
FRAME_WORDS, FRAME_EXTENSION, FRAME_ARGUMENTS, FRAME_RESULTS = 15, 1, 9, 14
EXTENSION_WORDS, EXTENSION_TYPE, EXTENSION_METADATA = 4, 1, 3
METADATA_WORDS, METADATA_VERSION, METADATA_TRAITS = 6, 3, 4
BUFFER_WORDS, BUFFER_DATA, BUFFER_SHAPE = 6, 3, 5

ASKS_FOR_METADATA = 1
"""Type of the extension of the frame by which XLA asks a handler what it is."""


@intrinsic
def _as_pointer(typing_context: Any, address: Any) -> Any:
    """An address as a pointer that `carray` takes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.voidptr(types.intp), generate


@njit
def _words(address: int, n: int) -> np.ndarray:
    return carray(_as_pointer(address), n, np.int64)


def _reader(dtype: type, n_axes: int) -> Callable[[int, int], np.ndarray]:
    """A function of the pointers to buffers and a number: the array of that buffer."""

    @njit
    def read(buffers: int, k: int) -> np.ndarray:
        buffer = _words(_words(buffers, k + 1)[k], BUFFER_WORDS)
        shape = to_fixed_tuple(_words(buffer[BUFFER_SHAPE], n_axes), n_axes)
        return carray(_as_pointer(buffer[BUFFER_DATA]), shape, dtype)

    return read


read_floats_2 = _reader(np.float32, 2)
read_floats_3 = _reader(np.float32, 3)
read_integers_2 = _reader(np.int32, 2)


@njit
def _tell_version(extension: int) -> None:
    words = _words(extension, EXTENSION_WORDS)
    if words[EXTENSION_TYPE] & 0xFFFFFFFF == ASKS_FOR_METADATA:
        metadata = _words(words[EXTENSION_METADATA], METADATA_WORDS)
        metadata[METADATA_VERSION] = INTERFACE_VERSION
        metadata[METADATA_TRAITS] = 0


def kept(compiler: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """A compiler of numba's, which keeps what it makes on disk if it finds a folder for that.

    Args:
        compiler: takes `cache`, and gives a decorator.
    """

    def compile_(function: Callable[..., Any]) -> Any:
        try:
            return compiler(cache=True)(function)
        except RuntimeError:  # no folder can be written to
            return compiler(cache=False)(function)

    return compile_


HANDLER = types.intp(types.intp)
"""Of a call frame's address; returns 0, for no error."""


@njit
def buffers(frame: int) -> tuple[int, int]:
    """Pointers to the buffers of a call's arguments and results, which `read_...` take.

    Zeros if XLA only asks for the version, which has been told then.
    """
    words = _words(frame, FRAME_WORDS)
    if words[FRAME_EXTENSION] == 0:
        return words[FRAME_ARGUMENTS], words[FRAME_RESULTS]
    _tell_version(words[FRAME_EXTENSION])
    return 0, 0


def foreign_call(name: str) -> Callable[[Callable[[int], int]], Any]:
    """Decorator that compiles a handler and makes it known to XLA, for `jax.ffi.ffi_call`.

    The handler begins with `buffers`, returns 0, and must not raise. numba keeps it from one
    process to the next, as long as the handler's own file does not change.
    """

    def register(handler: Callable[[int], int]) -> Any:
        called = kept(partial(cfunc, HANDLER))(handler)
        jax.ffi.register_ffi_target(name, jax.ffi.pycapsule(called.ctypes), platform="cpu")
        return called

    return register
