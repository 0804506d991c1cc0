"""Fitting networks: data sets, static batches, loss, checkpoints.

`readers.read_data_sets` reads, `preparation.prepare` and `session.train` fit and resume, `parity`
measures errors, `remote` trains in a Ray actor.
"""
