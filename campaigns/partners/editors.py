"""Editors: the people of a partner who may enter its portal, each by a name of their own; and whether it is open.

An editor has no role and no password: a one-time link proves who they are (``editor_access``), and the journal
records what they do under their address.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company, current_company
from campaigns.people.staff import Actor, Permission

LONGEST_EMAIL = 190  # characters; the journal names an editor by it, and keeps 200
LONGEST_NAME = 120


class Editor(Base):
    """One person of one partner; a person of two partners is two editors. ``active``: may enter."""

    __tablename__ = "editors"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    email: Mapped[str] = mapped_column(sa.String(LONGEST_EMAIL))
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    invited_by: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship(lazy="joined")

    __table_args__ = (sa.UniqueConstraint("company_id", "email"),)

    @property
    def actor(self) -> Actor:
        """This editor as an actor, without a role and distinct from staff with the same address."""
        return Actor(f"editor:{self.email}", f"{self.name}, {self.company.name}"[:200], None)

    @property
    def may_enter(self) -> bool:
        """Whether the editor may enter: active, and the portal is open to the partner."""
        return self.active and self.company.portal_closed_at is None


def add_editor(session: Session, actor: Actor, company: Company, *, email: str, name: str, now: datetime) -> Editor:
    """Add a person to a partner. Raises ``Invalid`` for a bad address or name, ``Conflict`` when they are there
    already or the portal is closed to the partner, ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    errors = []
    address = email.strip().lower()
    local, _, domain = address.rpartition("@")
    if not local or not domain or any(character.isspace() for character in address) or len(address) > LONGEST_EMAIL:
        errors.append(FieldError("email", "email", f"{email!r} is not an e-mail address"))
    errors.extend(_editor_name(name))
    if errors:
        raise Invalid(errors)
    company = current_company(session, company)
    _require_open(company)
    taken = sa.select(Editor.id).where(Editor.company_id == company.id, Editor.email == address)
    if session.execute(taken).first() is not None:
        raise Conflict(f"{address} is an editor of this partner already", code="editor_taken", email=address)
    editor = Editor(
        public=public_id("edt"),
        company=company,
        email=address,
        name=name.strip(),
        active=True,
        invited_by=actor.id,
        created_at=now,
    )
    session.add(editor)
    session.flush()
    details = {"partner": company.code, "name": editor.name}
    journal.record(session, actor.id, "editor.invited", "editor", address, details, now=now)
    return editor


def change_editor(
    session: Session, actor: Actor, editor: Editor, *, name: str | None = None, active: bool | None = None,
    now: datetime,
) -> None:  # fmt: skip
    """Change the name of an editor, or deactivate or activate them; an erased one stays inactive (``Conflict``). A
    caller that deactivates ends visits and links."""
    actor.require(Permission.CONFIGURE)
    if active and "@" not in editor.email:
        raise Conflict("the person was erased", code="erased_stays")
    if name is not None and (errors := _editor_name(name)):
        raise Invalid(errors)
    before = (editor.name, editor.active)
    editor.name = name.strip() if name is not None else editor.name
    editor.active = active if active is not None else editor.active
    if (editor.name, editor.active) == before:
        return
    session.flush()
    details = {"partner": editor.company.code, "name": editor.name, "active": editor.active}
    journal.record(session, actor.id, "editor.changed", "editor", editor.email, details, now=now)


def find_editor(session: Session, company: Company, public: str) -> Editor:
    """An editor of this partner. Raises ``NotFound``, with the same message for one of another."""
    query = sa.select(Editor).where(Editor.company_id == company.id, Editor.public == public)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no editor {public}", editor=public)
    return row


def editor_by_id(session: Session, public: str) -> Editor | None:
    """The editor with this public id, of any partner, or None."""
    return session.execute(sa.select(Editor).where(Editor.public == public)).scalar_one_or_none()


def editors_of(session: Session, company: Company) -> Sequence[Editor]:
    """All editors of a partner, the active ones first."""
    query = sa.select(Editor).where(Editor.company_id == company.id)
    return session.execute(query.order_by(Editor.active.desc(), Editor.name, Editor.id)).scalars().all()


def close_portal(session: Session, actor: Actor, company: Company, *, now: datetime) -> None:
    """Close the portal to a partner, for editors and keys; feeds and the API go on. Raises ``Conflict`` if closed."""
    actor.require(Permission.CONFIGURE)
    _require_open(company)
    company.portal_closed_at = now
    session.flush()
    journal.record(session, actor.id, "partner.portal_closed", "partner", company.code, now=now)


def open_portal(session: Session, actor: Actor, company: Company, *, now: datetime) -> None:
    """Open the portal to a partner again; each editor needs a new link. Raises ``Conflict`` when it is open."""
    actor.require(Permission.CONFIGURE)
    if company.portal_closed_at is None:
        raise Conflict(f"the portal is open to {company.code}", code="portal_open", partner=company.code)
    company.portal_closed_at = None
    session.flush()
    journal.record(session, actor.id, "partner.portal_opened", "partner", company.code, now=now)


def _require_open(company: Company) -> None:
    if company.portal_closed_at is not None:
        raise Conflict(f"the portal is closed to {company.code}", code="portal_closed", partner=company.code)


def _editor_name(name: str) -> list[FieldError]:
    if not name.strip():
        return [FieldError("name", "required", "a name is needed")]
    if len(name.strip()) > LONGEST_NAME:
        return [FieldError("name", "too_long", f"at most {LONGEST_NAME} characters")]
    return []
