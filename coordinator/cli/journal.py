"""``lantoa journal``: the hash chain of the journal."""

import click
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.core.journal import verify as verify_chain
from coordinator.cli import environment


@click.group()
def journal() -> None:
    """Verify or read the journal."""


@journal.command()
def verify() -> None:
    """Walk the whole chain. Exit 1 and the first bad entry if it is broken."""
    with environment.database().read() as session:
        broken = verify_chain(session)

        count = session.execute(sa.select(sa.func.count()).select_from(JournalEntry)).scalar_one()
    if broken is not None:
        click.echo(f"journal broken at entry {broken.seq}: {broken.why}")
        raise SystemExit(1)
    click.echo(f"journal whole: {count} entries")


@journal.command()
@click.option("--last", default=20, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def show(last: int, as_json: bool) -> None:
    """Print the newest entries, oldest of them first."""
    with environment.database().read() as session:
        query = sa.select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(last)
        rows = [
            {
                "seq": entry.seq,
                "at": entry.at.isoformat(),
                "actor": entry.actor,
                "act": entry.act,
                "subject": entry.subject,
                "details": entry.details,
            }
            for entry in reversed(session.execute(query).scalars().all())
        ]
    if as_json:
        environment.show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['seq']}\t{row['at']}\t{row['actor']}\t{row['act']}\t{row['subject']}\t{row['details']}")
