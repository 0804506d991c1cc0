"""At which volume and temperature to melt a composition of which nothing is known.

`choices.complete` fills in what settings leave open; `volume` and `melting` make the choices.
"""
