"""`python -m a2c_ray.cli`."""

import sys

from a2c_ray.cli import main

sys.exit(main())
