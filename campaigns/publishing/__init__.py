"""What goes out: bulletins and their revisions, approval, release, channels, and the outbox of deliveries.

Belongs here: the state machine, the release predicate that every exit uses, and the books of each delivery.
Does not: talking to any channel; that is done by the coordinator through ``transport``.
"""
