"""One run as one HTML file, and its figures by name.

`page.render` writes the page; `run_figures.draw` is what `a2c plot` calls.
"""
