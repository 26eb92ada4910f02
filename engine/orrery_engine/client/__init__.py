"""The client of the worker process, for the lab's server and for a kernel without a lab.

``process`` says how a worker is started, ``limits`` when it is killed and what is said then, ``events`` reads its
lines, ``run_state`` folds them into a run. ``blocking`` and ``worker`` are the shells without and with asyncio; ``pool``
keeps workers warm. Nothing of the computations is imported here.
"""
