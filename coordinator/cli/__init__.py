"""The command line ``lantoa``: one module for each noun. A composition root: it chooses concrete classes.

Exit status: 0 done, 1 a check failed, 2 bad usage or bad input (one line on stderr).
"""

from coordinator.cli.main import main

__all__ = ["main"]
