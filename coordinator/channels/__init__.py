"""Adapters of accounts and endpoints: one folder for each kind, listed in the table of ``registry``.

Here belong a platform's protocol and the meaning of its responses. Retries, leases and attempts
(``campaigns.delivery``), sessions, and the HTTP client (``coordinator.http``) do not. An adapter gets frozen values,
the channel's secrets, the HTTP client and a clock; it returns a receipt or raises ``TransportError``.
"""
