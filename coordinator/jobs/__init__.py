"""Background work: open a session, call the domain, act through an adapter, write the outcome, commit.

Here belong transactions and the order of steps. Rules (``campaigns``), protocols (``channels``, ``discovery``) and the
time of a run (``scheduling``) do not.
"""
