"""The work done in the background: open a session, ask the domain, act through an adapter, write the outcome, commit.

One module an act. Belongs here: transactions and the order of steps. Does not: rules (``campaigns``), protocols
(``channels``, ``discovery``), or when to run (``scheduling``).
"""
