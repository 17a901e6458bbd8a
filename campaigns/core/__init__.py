"""Shared foundations: the declarative base, time, errors, the journal, the work ledger, leases and Vietnamese text."""
