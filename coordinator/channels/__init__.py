"""How a message reaches one account or endpoint: one module a kind, all of them in the table of ``registry``.

What belongs here: speaking another side's protocol, and what its answers mean. What does not: retries, leases and
attempts (``campaigns.publishing``), sessions, and the HTTP client itself (``coordinator.http``). An adapter sees frozen
values, the channel's vault, the door out and a clock it is handed; it returns a receipt or raises ``TransportError``.
"""
