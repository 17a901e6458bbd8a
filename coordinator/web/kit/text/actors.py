"""Names of the journal's actors for readers: staff, editors of partners, keys, the program."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company
from campaigns.partners.editors import Editor
from campaigns.people.keys import AccessKey
from campaigns.people.staff import Person
from coordinator.translation import _

_EDITOR, _KEY = "editor:", "key:"


def actor_names(session: Session, actors: set[str]) -> Mapping[str, str]:
    """Return the names of these actors; unknown ones are omitted. Uses at most three queries."""
    names: dict[str, str] = {journal.SYSTEM: "Lan Tỏa"}
    query = sa.select(Person.email, Person.name).where(Person.email.in_(actors))
    names |= {row.email: row.name for row in session.execute(query)}
    if keys := _without(_KEY, actors):
        rows = session.execute(sa.select(AccessKey.public, AccessKey.name).where(AccessKey.public.in_(keys)))
        names |= {f"{_KEY}{public}": str(_("Khóa “%(name)s”", name=name)) for public, name in rows}
    if addresses := _without(_EDITOR, actors):
        # One address may be an editor of two partners; the journal's entry then says which.
        found: dict[str, list[str]] = {}
        for email, name, company in session.execute(_editors().where(Editor.email.in_(addresses))):
            found.setdefault(email, []).append(f"{name}, {company}")
        names |= {f"{_EDITOR}{email}": " / ".join(values) for email, values in found.items()}
    return names


def author_label(reader: str, author: str, name: str) -> str:
    """Return who saved a text, for a person who has it open; for its own author, that it was saved in another tab."""
    return str(_("%(name)s (bạn, ở thẻ khác)", name=name)) if author == reader else name


def actors_by_name(session: Session, words: str) -> Sequence[str]:
    """Return the actors whose names contain these words, ignoring diacritics."""
    wanted = fold(words)
    people = session.execute(sa.select(Person.email, Person.name))
    found = [email for email, name in people if wanted in fold(name)]
    found += [f"{_EDITOR}{email}" for email, name, _company in session.execute(_editors()) if wanted in fold(name)]
    keys = session.execute(sa.select(AccessKey.public, AccessKey.name))
    return found + [f"{_KEY}{public}" for public, name in keys if wanted in fold(name)]


def _editors() -> sa.Select[str, str, str]:
    query = sa.select(Editor.email, Editor.name, Company.name).join(Company, Company.id == Editor.company_id)
    return query.order_by(Editor.id)


def _without(prefix: str, actors: set[str]) -> set[str]:
    return {actor.removeprefix(prefix) for actor in actors if actor.startswith(prefix)}
