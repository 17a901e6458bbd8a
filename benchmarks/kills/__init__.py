"""The kill matrix: ``kill -9`` at five named points of a delivery, on each engine, and what arrived in the end.

``points`` says where a worker dies, ``workers`` runs one that will, ``sink`` is whom the deliveries go to, ``matrix``
goes through all of it and counts. ``python -m benchmarks kills`` prints the table.
"""
