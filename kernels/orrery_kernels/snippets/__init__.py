"""Snippets in a kernel and in a terminal.

``service`` is what can be done, ``commands`` the command line, ``views`` what a person reads. ``cells`` writes several
cells as one text and back, ``values`` knows the variables of a body here and now, ``template`` the grammar of a body.
"""
