"""A new secret key: everything that is stored under a former key is sealed again with the current one.

Every process reads both keys meanwhile, so that nothing waits and nothing is lost. A value that somebody else changes
at the same moment is left as they wrote it: it is under the current key then, or is met again in the next round.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from passlib.totp import TOTP, AppWallet
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.channels.channels import Channel
from campaigns.core import journal
from campaigns.delivery.websub_subscriptions import WebsubSubscription
from campaigns.people.idempotency import IdempotencyKey
from campaigns.people.push.subscriptions import PushKey, PushSubscription
from campaigns.people.staff import Person
from coordinator.db import Database
from coordinator.encryption import DecryptionError, Encryption, KeyRing, recovery_code_keys, totp_keys

BATCH = 200  # rows of one transaction: a writer waits for no more

Reseal = Callable[[Any], Any]


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values. ``reseal`` returns a value under the current key, None for one that is; it raises
    ``DecryptionError``."""

    kind: Any
    column: InstrumentedAttribute[Any]
    reseal: Reseal

    @property
    def name(self) -> str:
        """The name in messages."""
        return f"{self.kind.__tablename__}.{self.column.key}"


@dataclass(frozen=True)
class Resealed:
    """``sealed``: values that are under the current key now and were not; ``unreadable``: ``table.column row`` of those
    that no key opens, left as they are."""

    sealed: int
    unreadable: tuple[str, ...]


def sealed_columns(ring: KeyRing, *, factors: bool) -> tuple[SealedColumn, ...]:
    """Return every column of sealed values. ``factors``: with those of second factors, which web processes open with
    the keys that they were started with."""
    plain = _plain(Encryption(ring))
    columns: list[SealedColumn] = [
        SealedColumn(Channel, Channel.encrypted_secrets, plain),
        SealedColumn(WebsubSubscription, WebsubSubscription.encrypted_topic, plain),
        SealedColumn(WebsubSubscription, WebsubSubscription.encrypted_secret, plain),
        SealedColumn(WebsubSubscription, WebsubSubscription.pending_secret, plain),
        SealedColumn(IdempotencyKey, IdempotencyKey.body, plain),
        SealedColumn(PushKey, PushKey.encrypted_private, plain),
        SealedColumn(PushSubscription, PushSubscription.encrypted_target, plain),
    ]
    if factors:
        columns += [
            SealedColumn(Person, Person.tf_totp_secret, _totp(ring)),
            SealedColumn(Person, Person.mf_recovery_codes, _recovery_codes(ring)),
        ]
    return tuple(columns)


def reseal_all(database: Database, columns: tuple[SealedColumn, ...]) -> Resealed:
    """Seal all values of these columns under the current key."""
    sealed, unreadable = 0, []
    for column in columns:
        for rows in _batches(database, column):
            changed = []
            for ident, value in rows:
                try:
                    new = column.reseal(value)
                except DecryptionError:
                    unreadable.append(f"{column.name} {ident}")
                else:
                    changed += [(ident, value, new)] if new is not None else []
            with database.write() as session:
                sealed += sum(_replace(session, column, *change) for change in changed)
    return Resealed(sealed, tuple(unreadable))


def count_former(database: Database, columns: tuple[SealedColumn, ...]) -> dict[str, int]:
    """Return the number of values under a former key by column, of columns that have any. What no key opens is not
    counted: the former key would not help."""
    counts: dict[str, int] = {}
    for column in columns:
        for rows in _batches(database, column):
            for _ident, value in rows:
                try:
                    former = column.reseal(value) is not None
                except DecryptionError:
                    continue
                if former:
                    counts[column.name] = counts.get(column.name, 0) + 1
    return counts


def record_rotation(session: Session, current: str, former: tuple[str, ...], *, now: datetime) -> None:
    """Record the change of key, so that an entry under the new key vouches for all before it."""
    journal.record(session, "cli", "key.rotated", "secret_key", current, {"former": list(former)}, now=now)


def _batches(database: Database, column: SealedColumn) -> Iterator[Sequence[tuple[int, Any]]]:
    after = 0
    while True:
        query = sa.select(column.kind.id, column.column).where(column.kind.id > after, column.column.is_not(None))
        with database.read() as session:
            rows = [(ident, value) for ident, value in session.execute(query.order_by(column.kind.id).limit(BATCH))]
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _replace(session: Session, column: SealedColumn, ident: int, old: Any, new: Any) -> int:
    row = session.execute(sa.select(column.kind).where(column.kind.id == ident).with_for_update()).scalar_one_or_none()
    if row is None or getattr(row, column.column.key) != old:
        return 0
    setattr(row, column.column.key, new)
    return 1


def _plain(encryption: Encryption) -> Reseal:
    def reseal(value: str) -> str | None:
        if not value or encryption.is_current(value):
            return None
        return encryption.encrypt(encryption.decrypt(value))

    return reseal


def _totp(ring: KeyRing) -> Reseal:
    keys = totp_keys(ring)
    factory = TOTP.using(wallet=AppWallet(keys, default_tag=ring.current))

    def reseal(value: str) -> str | None:
        try:
            opened = factory.from_json(value)
        except (KeyError, ValueError) as error:
            raise DecryptionError("a second factor does not open with this secret key") from error
        return opened.to_json(encrypt=True) if opened.changed else None

    return reseal


def _recovery_codes(ring: KeyRing) -> Reseal:
    keys = recovery_code_keys(ring)
    current, every = Fernet(keys[0]), MultiFernet([Fernet(key) for key in keys])

    def is_current(code: str) -> bool:
        try:
            current.decrypt(code.encode())
        except InvalidToken:
            return False
        return True

    def reseal(value: list[str]) -> list[str] | None:
        if all(is_current(code) for code in value):
            return None
        try:
            return [every.rotate(code.encode()).decode() for code in value]
        except InvalidToken:
            raise DecryptionError("a recovery code does not open with this secret key") from None

    return reseal
