"""The log: one line an event in each format, with what it is about in fields, and nothing secret in any."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from coordinator import logs
from coordinator.db import Database
from coordinator.logs import event_fields
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Inbox, Installation, Staff, until

BOT = f"12345678:{'x' * 35}"


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The log as it was before."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


def said(capsys: pytest.CaptureFixture[str], form: logs.Format) -> list[str]:
    """What two events are in a format."""
    logs.configure()
    logs.configure(form)  # as it is called: once before the settings are read, and once after
    log = logging.getLogger("coordinator.jobs.delivery.deliveries")
    log.info(
        "delivered %s", "dlv_1", extra=event_fields("delivered", delivery="dlv_1", status=None, reason='a "b" = c')
    )
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("failed")
    return capsys.readouterr().err.splitlines()


def test_as_json_each_event_is_an_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (json.loads(line) for line in said(capsys, "json"))
    assert first.pop("at").endswith("+00:00")
    assert first == {
        "level": "info", "logger": "coordinator.jobs.delivery.deliveries", "event": "delivered", "delivery": "dlv_1",
        "reason": 'a "b" = c', "message": "delivered dlv_1",
    }  # fmt: skip
    assert second["level"] == "error"
    assert "ValueError: two\nlines" in second["trace"]


def test_as_keys_each_event_is_one_line_and_can_be_taken_apart(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = said(capsys, "keys")
    assert first.partition(" ")[2] == (
        'level=info logger=coordinator.jobs.delivery.deliveries event=delivered delivery=dlv_1 reason="a \\"b\\" = c" '
        'message="delivered dlv_1"'
    )
    assert "\\nValueError: two\\nlines" in second


def test_as_text_it_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "text")[0].endswith(" INFO coordinator.jobs.delivery.deliveries delivered dlv_1")


@pytest.mark.parametrize("form", list(logs.FORMATS))
@pytest.mark.parametrize(
    ("words", "secret"),
    [
        ("cannot reach postgresql+psycopg://lantoa:mat%20khau@may-1/lantoa", "mat%20khau"),
        (f"https://api.telegram.org/bot{BOT}/sendMessage failed", "x" * 35),
        ("secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw is wrong", "MfKQ9r8"),
        ("sent Authorization: Bearer abcdefghijklmnop", "abcdefgh"),
        ('answered {"access_token": "zalo-token-1", "expires_in": 1}', "zalo-token-1"),
        ("read /feeds/lk_0123456789abcdef_xyz/rss.xml", "0123456789abcdef"),
    ],
)
def test_what_looks_like_a_secret_is_written_as_a_dot(
    capsys: pytest.CaptureFixture[str], form: logs.Format, words: str, secret: str
) -> None:
    logs.configure(form)
    logging.getLogger("thu").warning("oh: %s", words, extra=event_fields("failed", why=words))
    line = capsys.readouterr().err
    assert "•" in line
    assert secret not in line


def test_the_databases_errors_do_not_quote_values(database: Database) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as exception_info, database.write() as session:
        session.execute(sa.text("INSERT INTO topics (code, name, no_such) VALUES (:a, 'x', 1)"), {"a": "bí mật"})
    assert "bí mật" not in str(exception_info.value)


def test_a_process_writes_its_outcomes_as_it_is_configured_to(tmp_path: Path) -> None:
    with HostileServer() as server, Installation(tmp_path / "data", log_format="json") as here:
        staff = Staff(here.base, here.prepared("writer", "approver", "admin"))
        here.serve()
        until("the web answers", here.alive)
        inbox = Inbox(server)
        channel = staff.webhook(inbox.open("/hook"))
        code = staff.publish("Lịch cấp nước")

        def logged() -> list[dict[str, object]]:
            lines = [line for line in here.log.splitlines() if line.startswith("{")]
            return [item for item in map(json.loads, lines) if item.get("event") == "delivered"]

        until("it is logged", lambda: bool(logged()))
        (values,) = logged()
        assert {name: values[name] for name in ("bulletin", "channel", "kind", "attempt", "status", "work")} == {
            "bulletin": code, "channel": channel, "kind": "webhook", "attempt": 1, "status": 200, "work": "delivery",
        }  # fmt: skip
        assert str(values["delivery"]).startswith("dlv_")
        assert float(str(values["seconds"])) >= 0


def test_a_database_that_is_away_is_one_line_a_minute_and_other_errors_are_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.configure("text")
    log = logging.getLogger("coordinator.scheduling.clock")
    away = sa.exc.OperationalError("SELECT 1", {}, OSError("connection refused\nIs it running?"))
    for number in range(50):
        log.error("tick %s: %s", number, away)
        try:
            raise away
        except sa.exc.OperationalError:
            log.exception("a page failed")
    log.error("tick: %s", sa.exc.OperationalError("SELECT 1", {}, OSError("disk full")))
    log.error("tick: %s", sa.exc.InternalError("SELECT 1", {}, OSError("cannot write in a read-only transaction")))
    log.error("nothing of the database: %s", ValueError("x"))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 4)[-1] for line in lines] == [
        "tick 0: (builtins.OSError) connection refused", "tick: (builtins.OSError) disk full",
        "tick: (builtins.OSError) cannot write in a read-only transaction",
        "nothing of the database: x",
    ]  # fmt: skip
    monkeypatch.setattr(logs, "OUTAGE_PAUSE", 0.0)
    log.error("tick: %s", away)
    assert capsys.readouterr().err.strip().endswith("connection refused (and 99 times more)")
