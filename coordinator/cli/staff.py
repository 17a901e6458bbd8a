"""``lantoa staff``: members of staff."""

import secrets
import sys

import click
import sqlalchemy as sa

from campaigns.core.clock import utc_now
from campaigns.people.staff import Person, Role, add_person
from coordinator.cli import environment
from coordinator.web.auth.passwords import check_password, hash_password


@click.group()
def staff() -> None:
    """Add and list members of staff."""


@staff.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="as colleagues know them; else taken from the address")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input, one line")
def add(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Add a member of staff. Without --password-stdin the password is asked for, twice."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    check_password(password)
    digest = hash_password(password)
    with environment.database().write() as session:
        person = add_person(
            session,
            "cli",
            email=email,
            name=name,
            role=Role(role),
            password_hash=digest,
            uniquifier=secrets.token_hex(16),
            now=utc_now(),
        )
        click.echo(f"{person.email} {person.role.value}")


@staff.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_staff(as_json: bool) -> None:
    """List members of staff."""
    with environment.database().read() as session:
        people = session.execute(sa.select(Person).order_by(Person.email)).scalars().all()
        rows = [
            {"email": person.email, "name": person.name, "role": person.role.value, "active": person.active}
            for person in people
        ]
    if as_json:
        environment.show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['email']}\t{row['role']}\t{'' if row['active'] else 'inactive'}\t{row['name']}")
