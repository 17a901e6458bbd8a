"""``lantoa alive``: asked every minute by supervisors, so that it imports no settings and no database."""

import socket

import click

from coordinator.storage import heartbeat_files


@click.command()
@click.argument("part", type=click.Choice(["web", "clock", "work", "render"]))
def alive(part: str) -> int:
    """Whether a process of this part on this machine has signed in the last minute: exit 1 if not. For containers.

    A process signs in the data folder when it has signed in the database. Before the program is upgraded and after it
    the answer is the same: old processes go on over newer tables.
    """
    found = heartbeat_files.live_processes(heartbeat_files.data_folder(), part)
    click.echo(", ".join(found) or f"no {part} on {socket.gethostname()}")
    return 0 if found else 1
