"""Single modules of jax_md."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from a2c_ray.amorphous.jax_md_modules import jax_md_module

chain = jax_md_module("simulate").nose_hoover_chain
assert "jax_md" not in sys.modules and "jax_md.rigid_body" not in sys.modules
import jax_md
assert jax_md.simulate.nose_hoover_chain is chain and jax_md.energy and jax_md.rigid_body
assert jax_md_module("minimize") is jax_md.minimize
"""


def test_a_module_comes_alone_and_the_package_later():
    subprocess.run([sys.executable, "-c", CODE], check=True)
