"""The profiling engine: readers, statistics, alerts, generated code, checks and reports, and the client of its worker.

``python -m orrery_engine`` is the worker process that reads data. Knows no Jupyter.
"""
