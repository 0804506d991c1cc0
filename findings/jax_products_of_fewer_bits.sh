#!/usr/bin/env bash
# Networks for energies and forces are run with products of fewer bits where a GPU is faster so; whether the
# errors can be borne is asked of a test, which as a rule runs on a CPU. In JAX an algorithm is named, such as
# precision="BF16_BF16_F32": both factors rounded to bfloat16, the sum in float32. The documentation of
# jax.lax.DotAlgorithm: "Support for these algorithms is platform dependent, and using an unsupported
# algorithm will raise a Python exception when the computation is compiled."
#
# JAX 0.10.1 on a CPU takes BF16_BF16_F32, its versions of three and six products, and F32_F32_F32, and
# rounds nothing: all give the same bits, those of float32. Only TF32_TF32_F32 and its version of three
# products raise an exception. What a test finds of bfloat16 there is true of float32: the product of two
# matrices is exact to 1e-6, where rounding the factors (astype) leaves an error of some 1e-3.
#
# Seen: relative error of the product of two random matrices by algorithm, as a power of ten, and whether its
# bits are those of float32. Exits non-zero if any line differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "jax==0.10.1" "jaxlib==0.10.1"
cd "$folder"
JAX_PLATFORMS=cpu "$folder/venv/bin/python" -W ignore - <<'PYTHON' | tee "$folder/seen"
import jax
import jax.numpy as jnp
import numpy as np

rng = np.random.default_rng(0)
a, b = (rng.standard_normal(shape).astype(np.float32) for shape in ((256, 128), (128, 64)))
exact = a.astype(np.float64) @ b.astype(np.float64)


def product(a, b, precision):
    return np.asarray(jax.jit(lambda a, b: jnp.dot(a, b, precision=precision))(a, b))


def tell(name, found):
    error = np.linalg.norm(found - exact) / np.linalg.norm(exact)
    power = "below 1e-6" if error < 1e-6 else "between 1e-3 and 1e-2" if 1e-3 < error < 1e-2 else error
    print(f"{name}: {power}, bits of float32: {np.array_equal(found, plain)}")


plain = product(a, b, "highest")
tell("highest", plain)
for name in ("F32_F32_F32", "BF16_BF16_F32", "BF16_BF16_F32_X3", "BF16_BF16_F32_X6"):
    tell(name, product(a, b, name))
for name in ("TF32_TF32_F32", "TF32_TF32_F32_X3"):
    try:
        tell(name, product(a, b, name))
    except Exception as error:
        print(f"{name}: {'not supported' in str(error) and 'an exception: not supported'}")
rounded = [np.asarray(jnp.asarray(x, jnp.bfloat16), np.float32) for x in (a, b)]
tell("rounded to bfloat16 by hand", product(*rounded, "highest"))
PYTHON
cat > "$folder/expected" <<'EOF'
highest: below 1e-6, bits of float32: True
F32_F32_F32: below 1e-6, bits of float32: True
BF16_BF16_F32: below 1e-6, bits of float32: True
BF16_BF16_F32_X3: below 1e-6, bits of float32: True
BF16_BF16_F32_X6: below 1e-6, bits of float32: True
TF32_TF32_F32: an exception: not supported
TF32_TF32_F32_X3: an exception: not supported
rounded to bfloat16 by hand: between 1e-3 and 1e-2, bits of float32: False
EOF
diff "$folder/expected" "$folder/seen"
