"""Benchmarks of the library's work, on structures of the user's own."""
