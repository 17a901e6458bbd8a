"""A new secret key: everything sealed is sealed again while others read and write, and the former key can go."""

import re
import threading

import sqlalchemy as sa
from cryptography.fernet import Fernet, MultiFernet
from passlib.totp import TOTP, AppWallet

from campaigns.channels.channels import Channel
from campaigns.people.staff import Person, Role, add_person
from campaigns.rows import METADATA
from coordinator.db import Database
from coordinator.encryption import Encryption, KeyRing, recovery_code_keys, totp_keys
from coordinator.jobs.people.key_rotation import count_former, reseal_all, sealed_columns
from tests.factories import NOW, channel

FORMER, CURRENT = "the former key of tests, long enough", "the current key of tests, long enough"
BEFORE, BOTH, AFTER = (KeyRing(lambda keys=keys: keys) for keys in ((FORMER,), (CURRENT, FORMER), (CURRENT,)))  # type: ignore[misc]  # the default is the value
COUNT = 450  # more than two batches


def _opened(database: Database, ring: KeyRing) -> list[str]:
    encryption = Encryption(ring)
    with database.read() as session:
        rows = session.execute(sa.select(Channel.encrypted_secrets).order_by(Channel.id)).scalars().all()
    return [encryption.decrypt(row)["secret"] for row in rows]


def _seal(database: Database, count: int) -> None:
    encryption = Encryption(BEFORE)
    with database.write() as session:
        for number in range(count):
            secrets = encryption.encrypt({"secret": f"number {number}"})
            channel(session, "webhook", encrypted_secrets=secrets, settings={"url": f"https://nhan{number}.example/"})


def test_every_secret_is_read_at_every_moment_and_none_is_lost(database: Database) -> None:
    _seal(database, COUNT)
    stop, failed = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                assert len(_opened(database, BOTH)) == COUNT
            except Exception as error:  # noqa: BLE001  # shown by the test
                failed.append(error)
                return

    reader = threading.Thread(target=read)
    reader.start()
    done = reseal_all(database, sealed_columns(BOTH, factors=True))
    stop.set()
    reader.join()
    assert not failed, failed
    assert (done.sealed, done.unreadable) == (COUNT, ())
    assert _opened(database, AFTER) == [f"number {number}" for number in range(COUNT)]
    again = reseal_all(database, sealed_columns(BOTH, factors=True))
    assert (again.sealed, again.unreadable) == (0, ())
    assert count_former(database, sealed_columns(BOTH, factors=True)) == {}


def test_every_column_of_sealed_values_is_sealed_again() -> None:
    # Where sealed values are written: each column of such a name, and the two whose names do not tell.
    found = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if re.search(r"^encrypted_|secrets?$|recovery", column.name)
    }
    assert {column.name for column in sealed_columns(BOTH, factors=True)} == found | {"idempotency_keys.body"}


def test_what_somebody_writes_meanwhile_stays_as_they_wrote_it(database: Database) -> None:
    _seal(database, 1)
    columns = sealed_columns(BOTH, factors=False)

    def reseal(value: str) -> str:
        with database.write() as session:
            session.execute(sa.update(Channel).values(encrypted_secrets=Encryption(BOTH).encrypt({"secret": "newer"})))
        return Encryption(BOTH).encrypt(Encryption(BOTH).decrypt(value))

    first = columns[0]
    assert reseal_all(database, (type(first)(first.kind, first.column, reseal),)).sealed == 0
    assert _opened(database, AFTER) == ["newer"]


def test_what_no_key_opens_is_named_and_left(database: Database) -> None:
    _seal(database, 2)
    lost = Encryption(KeyRing(lambda: ("a key that nobody has any more, alas",))).encrypt({"secret": "x"})
    with database.write() as session:
        second = session.execute(sa.select(sa.func.max(Channel.id))).scalar_one()
        session.execute(sa.update(Channel).where(Channel.id == second).values(encrypted_secrets=lost))
    done = reseal_all(database, sealed_columns(BOTH, factors=False))
    assert (done.sealed, done.unreadable) == (1, (f"channels.encrypted_secrets {second}",))
    assert count_former(database, sealed_columns(BOTH, factors=False)) == {}


def test_second_factors_are_sealed_again_and_go_on_working(database: Database) -> None:
    totp = TOTP.using(wallet=AppWallet(totp_keys(BEFORE)))
    secret = totp.new()
    shown = [b"3f9a-11c0-77de", b"aaaa-bbbb-cccc"]
    codes = [Fernet(recovery_code_keys(BEFORE)[0]).encrypt(code).decode() for code in shown]
    with database.write() as session:
        person = add_person(
            session,
            "cli",
            email="an@so.example",
            name="An",
            role=Role.ADMIN,
            password_hash=None,
            uniquifier="u",
            now=NOW,
        )
        person.tf_totp_secret, person.mf_recovery_codes = secret.to_json(encrypt=True), codes
    assert count_former(database, sealed_columns(BOTH, factors=True)) == {
        "people.tf_totp_secret": 1,
        "people.mf_recovery_codes": 1,
    }
    assert reseal_all(database, sealed_columns(BOTH, factors=True)).sealed == 2
    with database.read() as session:
        person = session.execute(sa.select(Person)).scalar_one()
    opened = TOTP.using(wallet=AppWallet(totp_keys(AFTER))).from_json(person.tf_totp_secret)
    assert opened.key == secret.key
    after = MultiFernet([Fernet(key) for key in recovery_code_keys(AFTER)])
    assert person.mf_recovery_codes is not None
    assert [after.decrypt(code.encode()) for code in person.mf_recovery_codes] == shown
