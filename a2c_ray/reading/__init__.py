"""Reading structures from files of others: what can be used of them, and why the rest cannot.

`files` finds and reads them, with a module for each kind of file; `checks` says what a cell must
be; `pile` holds many cells as a few arrays.
"""
