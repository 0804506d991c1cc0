"""The method, unit by unit: what one `a2c run` does, and in which order.

`planning.plan_campaign` turns settings into a `plan.Plan`; `driver.Campaign` runs plans. A unit
(`melt_unit`, `relax_unit`, `refine_unit`, `rank_unit`) says what an actor does and what its report
means for its `point.Point`. `rows` makes the rows of the lake.
"""
