"""Agreements: what the journal says of them."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.partners.agreements import AgreementContent, add_agreement, change_agreement
from tests.factories import NOW, company


def test_the_journal_says_what_was_agreed_but_for_the_note(session: Session) -> None:
    content = AgreementContent(starts_on=date(2026, 1, 1), note="Hỏi chị Hạnh, 0900 000 000", delay_minutes=15)
    owner = company(session)
    row = add_agreement(session, "test", owner, "1/VB", content, now=NOW)
    change_agreement(session, "test", row, replace(content, note="Hỏi anh Nam", delay_minutes=30), now=NOW)
    session.commit()  # the journal is written as the last thing
    entries = journal.history(session, "agreement", "1/VB")
    assert [(entry.act, journal.details_of(entry.details)) for entry in entries] == [
        (
            "agreement.added",
            {
                "partner": owner.code,
                "starts_on": "2026-01-01",
                "ends_on": None,
                "topics": [],
                "delay_minutes": 15,
            },
        ),
        ("agreement.changed", {"delay_minutes": 30}),
    ]
    assert row.note == "Hỏi anh Nam"
