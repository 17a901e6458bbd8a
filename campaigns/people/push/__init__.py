"""Web Push to staff: the browsers that a person switched it on in, and the outbox of messages to them. Encryption and
requests are in ``coordinator``."""
