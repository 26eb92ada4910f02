"""Snippets in a kernel and in a terminal: ``service`` is what can be done, ``commands`` the command line.

``cells`` writes several cells as one text and back, ``values`` knows the variables of a body here and now, ``views``
shows snippets as text and HTML.
"""
