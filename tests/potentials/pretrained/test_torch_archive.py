"""Reading checkpoints without PyTorch, and refusing those that would build anything else."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest

from a2c_ray.potentials.pretrained.torch_archive import load_torch_archive


def write_archive(path, pickled: bytes, storages: dict[str, np.ndarray]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickled)
        for key, array in storages.items():
            archive.writestr(f"model/data/{key}", array.astype("<f4").tobytes())


def tensor_pickle(shape: tuple[int, ...], stride: tuple[int, ...], size: int) -> bytes:
    """{"weight": tensor}, spelled in pickle's own opcodes, as torch writes it."""
    out = io.BytesIO()
    out.write(b"\x80\x02}X\x06\x00\x00\x00weight")
    out.write(b"ctorch._utils\n_rebuild_tensor_v2\n((")
    out.write(
        b"X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
    )
    out.write(b"K" + bytes([size]) + b"tQK\x00(")
    out.write(b"".join(b"K" + bytes([n]) for n in shape) + b"t(")
    out.write(b"".join(b"K" + bytes([n]) for n in stride) + b"t\x89}tRs.")
    return out.getvalue()


def test_a_strided_tensor(tmp_path):
    values = np.arange(6, dtype=np.float32)
    write_archive(tmp_path / "a.pth", tensor_pickle((3, 2), (1, 3), 6), {"0": values})
    loaded = load_torch_archive(tmp_path / "a.pth")
    np.testing.assert_array_equal(loaded["weight"], values.reshape(2, 3).T)


def test_a_tensor_outside_its_storage_is_refused(tmp_path):
    write_archive(tmp_path / "a.pth", tensor_pickle((3, 3), (3, 1), 6), {"0": np.zeros(6)})
    with pytest.raises(pickle.UnpicklingError, match="outside"):
        load_torch_archive(tmp_path / "a.pth")


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("torch.nn", "Module")],
)
def test_any_other_name_is_refused(tmp_path, module, name):
    pickled = f"c{module}\n{name}\n(X\x04\x00\x00\x00echotR.".encode()
    write_archive(tmp_path / "a.pth", pickled, {})
    with pytest.raises(pickle.UnpicklingError, match=name):
        load_torch_archive(tmp_path / "a.pth")
