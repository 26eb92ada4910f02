"""Code that is offered to a person: ``codegen`` writes it, and here it runs before it is shown.

``offer`` chooses the loading code of a file, ``excerpts`` cuts what is too large, ``snippets`` runs what shows or repairs
a part of a table on values of the profile, ``promises`` says what each quick fix must leave, ``proof`` runs and compares.
"""
