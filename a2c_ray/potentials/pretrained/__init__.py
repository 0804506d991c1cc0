"""Published checkpoints: downloaded, checked and converted, without their own packages.

`fetching.fetch` puts one into the cache; `sevennet` and `nequix` convert.
"""
