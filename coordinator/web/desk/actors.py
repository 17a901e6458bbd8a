"""Who the journal's actors are to a reader: a colleague, an editor of a partner, a key, the product itself."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company
from campaigns.partners.editors import Editor
from campaigns.people.keys import Key
from campaigns.people.staff import Person
from coordinator.web.saying import _

_EDITOR, _KEY = "editor:", "key:"


def actor_names(session: Session, actors: set[str]) -> Mapping[str, str]:
    """What people read for these actors; one that nobody is any more is left out. At most three statements."""
    names: dict[str, str] = {journal.SYSTEM: "Lan Tỏa"}
    query = sa.select(Person.email, Person.name).where(Person.email.in_(actors))
    names |= {row.email: row.name for row in session.execute(query)}
    if keys := _without(_KEY, actors):
        rows = session.execute(sa.select(Key.public, Key.name).where(Key.public.in_(keys)))
        names |= {f"{_KEY}{public}": str(_("Khóa “%(name)s”", name=name)) for public, name in rows}
    if addresses := _without(_EDITOR, actors):
        # One address may be an editor of two partners; the journal's entry then says which.
        found: dict[str, list[str]] = {}
        for email, name, company in session.execute(_editors().where(Editor.email.in_(addresses))):
            found.setdefault(email, []).append(f"{name}, {company}")
        names |= {f"{_EDITOR}{email}": " / ".join(told) for email, told in found.items()}
    return names


def author_to(reader: str, author: str, name: str) -> str:
    """Who saved a text, as told to somebody who has it open: to its own author, that it was done in another tab."""
    return str(_("%(name)s (bạn, ở thẻ khác)", name=name)) if author == reader else name


def actors_called(session: Session, words: str) -> Sequence[str]:
    """The actors whose names hold these words, with or without marks."""
    wanted = fold(words)
    people = session.execute(sa.select(Person.email, Person.name))
    found = [email for email, name in people if wanted in fold(name)]
    found += [f"{_EDITOR}{email}" for email, name, _company in session.execute(_editors()) if wanted in fold(name)]
    keys = session.execute(sa.select(Key.public, Key.name))
    return found + [f"{_KEY}{public}" for public, name in keys if wanted in fold(name)]


def _editors() -> sa.Select[str, str, str]:
    query = sa.select(Editor.email, Editor.name, Company.name).join(Company, Company.id == Editor.company_id)
    return query.order_by(Editor.id)


def _without(prefix: str, actors: set[str]) -> set[str]:
    return {one.removeprefix(prefix) for one in actors if one.startswith(prefix)}
