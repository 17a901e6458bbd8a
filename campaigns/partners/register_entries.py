"""The entries of a register that was checked, kept until they are written: its file need not be read a second time, nor
by whoever goes on after a crash."""

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.partners.directory import SiteKind
from campaigns.partners.register import RegisterEntry

AT_ONCE: Final = 500  # entries of a piece


class EntryPiece(Base):
    """So many entries in a row, as packed JSON. ``number`` counts pieces from 0; all but the last are full."""

    __tablename__ = "register_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("register_runs.id", ondelete="CASCADE"))
    number: Mapped[int]
    body: Mapped[bytes]

    __table_args__ = (sa.UniqueConstraint("run_id", "number"),)


def keep_entries(session: Session, run: int, packed: Sequence[bytes]) -> None:
    """Keep what ``pack`` made, in place of what was kept before."""
    forget_entries(session, run)
    rows = [{"run_id": run, "number": number, "body": body} for number, body in enumerate(packed)]
    if rows:
        session.execute(sa.insert(EntryPiece), rows)


def are_kept(session: Session, run: int) -> bool:
    """Whether a run has its entries: all of them, since they are kept at once."""
    return session.execute(sa.select(EntryPiece.id).where(EntryPiece.run_id == run).limit(1)).first() is not None


def some_entries(session: Session, run: int, start: int, most: int) -> Sequence[RegisterEntry]:
    """So many entries from the one with this place on."""
    first, last = start // AT_ONCE, (start + most - 1) // AT_ONCE
    wanted = sa.select(EntryPiece.body).where(EntryPiece.run_id == run, EntryPiece.number.between(first, last))
    bodies = session.execute(wanted.order_by(EntryPiece.number)).scalars()
    entries = [entry for body in bodies for entry in _unpack(body)]
    return entries[start - first * AT_ONCE :][:most]


def forget_entries(session: Session, run: int) -> None:
    """They have served."""
    session.execute(sa.delete(EntryPiece).where(EntryPiece.run_id == run))


def pack(entries: Sequence[RegisterEntry]) -> Sequence[bytes]:
    """Entries in pieces."""
    return [_pack(entries[start : start + AT_ONCE]) for start in range(0, len(entries), AT_ONCE)]


def _pack(entries: Sequence[RegisterEntry]) -> bytes:
    rows = [[getattr(entry, name) for name in RegisterEntry.__dataclass_fields__] for entry in entries]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=_plain).encode(), 1)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    assert isinstance(value, SiteKind)  # noqa: S101  # there is nothing else in an entry
    return str(value.value)


def _unpack(body: bytes) -> Iterator[RegisterEntry]:
    for row in json.loads(zlib.decompress(body)):
        told = dict(zip(RegisterEntry.__dataclass_fields__, row, strict=True))
        expires = told["expires_on"]
        told["kind"] = SiteKind(told["kind"])
        told["issued_on"] = date.fromisoformat(told["issued_on"])
        told["expires_on"] = date.fromisoformat(expires) if expires else None
        for name in ("domains", "pages", "scope"):
            told[name] = tuple(told[name])
        yield RegisterEntry(**told)
