"""``lantoa staff`` and ``lantoa key``: members of staff, and access keys of programs and partner sites."""

import secrets
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import click
import sqlalchemy as sa

from campaigns.channels.partner_keys import add_partner_key
from campaigns.core.clock import utc_now
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company, find_company
from campaigns.people.keys import AccessKey, add_key, revoke_key
from campaigns.people.powers.confirmation import OPERATOR, confirm_key, confirm_role
from campaigns.people.staff import Actor, Person, Role, add_person, find_by_email, staff_address
from coordinator.channels import registry
from coordinator.cli import environment
from coordinator.config import keep_secret_keys, secret_keys
from coordinator.encryption import KeyRing
from coordinator.jobs.people import personal_data
from coordinator.jobs.people.key_rotation import count_former, record_rotation, reseal_all, sealed_columns
from coordinator.translation import speaking
from coordinator.web.auth.passwords import check_password, hash_password

OPERATOR_ACTOR = Actor(OPERATOR, "cli", None)
ADMIN_ACTOR = Actor(OPERATOR, "cli", Role.ADMIN)


@click.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="as colleagues know them; else taken from the address")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input, one line")
def add_member(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Add a member of staff. Without --password-stdin the password is asked for, twice."""
    staff_address(email)  # a wrong address is reported before a password is asked for
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


@click.command("confirm")
@click.argument("email")
def confirm_member(email: str) -> None:
    """Confirm a role that waits for a second person, where nobody in the office is left who may."""
    with environment.database().write() as session:
        person = find_by_email(session, email)
        if person is None:
            raise NotFound(f"there is nobody with the address {email}", email=email)
        confirm_role(session, OPERATOR_ACTOR, person, now=utc_now())
        click.echo(f"confirmed {person.email} {person.role.value}")


@click.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_staff(as_json: bool) -> None:
    """List members of staff."""
    with environment.database().read() as session:
        people = session.execute(sa.select(Person).order_by(Person.email)).scalars().all()
        rows = [
            {
                "email": person.email,
                "name": person.name,
                "role": person.role.value,
                "active": person.active,
                "confirmed": person.actor.confirmed,
            }
            for person in people
        ]
    if as_json:
        environment.show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['email']}\t{row['role']}\t{_standing(row)}\t{row['name']}")


def _standing(row: Mapping[str, object]) -> str:
    if not row["active"]:
        return "inactive"
    return "" if row["confirmed"] else "unconfirmed"


# ``lantoa people``: the data of a person, on request.


_WHO = click.argument("who", metavar="WHO")


@click.command("export")
@_WHO
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.json or FILE.xlsx; else JSON is printed"
)
def export_person(who: str, out: Path | None) -> None:
    """Write what is held about WHO: as JSON, or as a workbook to be read."""
    if out is not None and out.suffix not in {".json", ".xlsx"}:
        raise click.UsageError(f"--out: {out} must end in .json or .xlsx")
    with environment.database().write() as session:
        data = personal_data.export_data(session, ADMIN_ACTOR, who, now=utc_now())
    if out is None:
        click.echo(personal_data.as_json(data))
        return
    with speaking(environment.settings().locale):
        out.write_bytes(personal_data.as_json(data) if out.suffix == ".json" else personal_data.as_workbook(data))
    click.echo(f"{out}: {len(data.rows)} rows, {len(data.acts)} acts, {len(data.entries)} entries of the journal")


@click.command("erase")
@_WHO
@click.option("--reason", required=True, help="who asked for it and on what ground; kept in the journal")
@click.option("--yes", is_flag=True, help="do not ask")
def erase_person(who: str, reason: str, yes: bool) -> None:
    """Put a pseudonym in the place of WHO as far as the law allows; says what is kept and why. There is no way back."""
    if not yes:
        click.confirm(f"Erase {who}? There is no way back.", abort=True, err=True)
    with environment.database().write() as session:
        done = personal_data.erase_data(session, ADMIN_ACTOR, who, reason, now=utc_now())
    click.echo(f"erased{f', now {done.pseudonym}' if done.pseudonym else ''}")
    for verb, counts in (("replaced", done.replaced), ("deleted", done.deleted)):
        for table, count in sorted(counts.items()):
            click.echo(f"{verb}\t{table}\t{count}")
    for table, (why, count) in sorted(done.kept.items()):
        click.echo(f"kept\t{table}\t{count}\t{why.value}")


@click.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--partner", metavar="CODE", help="a partner's key: it sees and does only what is its own")
@click.option("--for", "email", metavar="EMAIL", help="the member of staff to whom a key with a role belongs")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="the last day it is good for")
def issue_key(name: str, role: str | None, partner: str | None, email: str | None, expires: datetime | None) -> None:
    """Make a key and print it, once, alone on stdout. A partner's first one adds its feed channel too.

    A key with a role that belongs to nobody does not decide on what a person wrote or reported, where a second person
    has to. One --for a person may at most what that person may, and works while the person is active.
    """
    if (role is None) == (partner is None):
        raise click.UsageError("give either --role or --partner")
    if email is not None and role is None:
        raise click.UsageError("--for goes with --role; a partner's key belongs to the partner")
    last: date | None = expires.date() if expires else None
    with environment.database().write() as session:
        now, channel = utc_now(), None
        if partner is not None:
            made, channel = add_partner_key(
                session, "cli", find_company(session, partner), name=name, expires_on=last,
                pulled=registry.delivery_modes().pulled, now=now,
            )  # fmt: skip
        else:
            person = find_by_email(session, email) if email is not None else None
            if email is not None and person is None:
                raise NotFound(f"there is nobody with the address {email}", email=email)
            made = add_key(session, "cli", name=name, role=Role(role), person=person, expires_on=last, now=now)
        text, feed = made.text, channel.code if channel is not None else ""
    click.echo(text)
    if feed:
        click.echo(f"the partner's feed channel {feed} was added", err=True)


@click.command("confirm")
@click.argument("ident", metavar="ID")
def confirm_waiting_key(ident: str) -> None:
    """Confirm a key that waits for a second person, where nobody in the office is left who may."""
    with environment.database().write() as session:
        row = confirm_key(session, OPERATOR_ACTOR, ident, now=utc_now())
        click.echo(f"confirmed {row.public} {row.name}")


@click.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """List keys, without their secrets."""
    with environment.database().read() as session:
        query = (
            sa.select(AccessKey, Company.code)
            .join(Company, Company.id == AccessKey.company_id, isouter=True)
            .order_by(AccessKey.id)
        )
        now = utc_now()
        rows = [
            {
                "id": row.public,
                "name": row.name,
                "role": row.role.value if row.role else None,
                "partner": code,
                "person": row.person.email if row.person is not None else None,
                "made_by": row.made_by,
                "confirmed": row.unconfirmed_since is None,
                "created_at": row.created_at.isoformat(),
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
                "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
                "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
                "works": row.lives(now),
            }
            for row, code in session.execute(query)
        ]
    if as_json:
        environment.show_json(rows)
        return
    for values in rows:
        what = values["role"] or f"partner {values['partner']}"
        click.echo(f"{values['id']}\t{what}\t{_key_standing(values)}\t{values['name']}\t{values['person'] or ''}")


def _key_standing(row: Mapping[str, object]) -> str:
    if row["revoked_at"]:
        return "revoked"
    if not row["works"]:
        return "ended"
    return "" if row["confirmed"] else "unconfirmed"


@click.command("revoke")
@click.argument("ident", metavar="ID")
def end_key(ident: str) -> None:
    """End a key at once."""
    with environment.database().write() as session:
        row = revoke_key(session, "cli", ident, now=utc_now())
        click.echo(f"revoked {row.public} {row.name}")


@click.command()
@click.option("--finish", is_flag=True, help="remove the former key, once nothing is under it")
def rotate(finish: bool) -> None:
    """Change the secret key and seal everything again that is stored under the former one. Processes go on meanwhile.

    A key in the data folder is made and kept there; one in the environment is changed there first, with the former one
    in LANTOA_FORMER_SECRET_KEYS. After a restart of the web processes --finish seals second factors and removes the
    former key.
    """
    settings, database = environment.settings(), environment.database()
    in_file = not settings.secret_key.get_secret_value()
    keys = secret_keys(settings)
    if finish and len(keys) == 1:
        raise click.UsageError("there is no former key; nothing is to be finished")
    if len(keys) == 1:
        if not in_file:
            raise click.UsageError("set LANTOA_SECRET_KEY to a new key and LANTOA_FORMER_SECRET_KEYS to the former one")
        keys = (secrets.token_urlsafe(48), *keys)
        keep_secret_keys(settings, keys)
    ring = KeyRing(lambda: keys)
    current, *former = ring.by_id
    with database.write() as session:
        record_rotation(session, current, tuple(former), now=utc_now())
    columns = sealed_columns(ring, factors=finish)
    done = reseal_all(database, columns)
    click.echo(f"key {current}: {done.sealed} values sealed again")
    for place in done.unreadable:
        click.echo(f"{place}: no key opens it; it has to be entered again", err=True)
    if not finish:
        click.echo("restart web processes (serve, web); then run: lantoa key rotate --finish")
        return
    if left := count_former(database, columns):
        raise click.ClickException(f"still under a former key: {left}; nothing was removed")
    if in_file:
        keep_secret_keys(settings, keys[:1])
        click.echo("the former key was removed")
    else:
        click.echo("nothing is under the former key; remove LANTOA_FORMER_SECRET_KEYS")
