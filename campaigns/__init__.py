"""What is true, and what should happen next.

Every rule that a briefing would have to justify lives here: who may approve, what is released, what counts as one
republication. Functions take the database session first, the acting person by name and the present moment last, so
that the whole package can be used from a notebook.

Not here: HTTP, files, processes, configuration, the clock of the machine. Those are in ``coordinator``.
"""

__version__ = "0.1.0"
