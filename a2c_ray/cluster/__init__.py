"""Ray: nodes, actors and what they are given, without knowing what the work is about.

`nodes.start_ray` joins or starts a cluster, `crew.Crew` keeps actors busy, `worker.Worker` is one
of them, and `unit.Unit` is what they work on.
"""
