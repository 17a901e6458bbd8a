"""``lantoa key``: access keys of programs and partner sites."""

from datetime import date, datetime

import click
import sqlalchemy as sa

from campaigns.core.clock import utc_now
from campaigns.partners.directory import Company, find_company
from campaigns.people.keys import AccessKey, add_key, revoke_key
from campaigns.people.staff import Role
from coordinator.cli import environment


@click.group()
def key() -> None:
    """Add, list and revoke keys."""


@key.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--partner", metavar="CODE", help="a partner's key: it sees and does only what is its own")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="the last day it is good for")
def add(name: str, role: str | None, partner: str | None, expires: datetime | None) -> None:
    """Make a key and print it, once, alone on stdout."""
    if (role is None) == (partner is None):
        raise click.UsageError("give either --role or --partner")
    last: date | None = expires.date() if expires else None
    with environment.database().write() as session:
        company = find_company(session, partner) if partner else None
        made = add_key(
            session,
            "cli",
            name=name,
            role=Role(role) if role else None,
            company_id=company.id if company else None,
            expires_on=last,
            now=utc_now(),
        )
        text = made.text
    click.echo(text)


@key.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """List keys, without their secrets."""
    with environment.database().read() as session:
        query = (
            sa.select(AccessKey, Company.code)
            .join(Company, Company.id == AccessKey.company_id, isouter=True)
            .order_by(AccessKey.id)
        )
        rows = [
            {
                "id": row.public,
                "name": row.name,
                "role": row.role.value if row.role else None,
                "partner": code,
                "created_at": row.created_at.isoformat(),
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
                "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
            }
            for row, code in session.execute(query)
        ]
    if as_json:
        environment.show_json(rows)
        return
    for values in rows:
        what = values["role"] or f"partner {values['partner']}"
        click.echo(f"{values['id']}\t{what}\t{'revoked' if values['revoked_at'] else ''}\t{values['name']}")


@key.command()
@click.argument("ident", metavar="ID")
def revoke(ident: str) -> None:
    """End a key at once."""
    with environment.database().write() as session:
        row = revoke_key(session, "cli", ident, now=utc_now())
        click.echo(f"revoked {row.public} {row.name}")
