"""Figures of arrays and structures, all in one style; `style.write_figure` saves them.

A function draws one figure and returns it; `report.run_figures` knows which run shows what.
"""
