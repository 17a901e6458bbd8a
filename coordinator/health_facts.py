"""What the checks of an installation find: codes with values, and the sentences of ``lantoa doctor`` for them.

The command says them in English; the page of health has its own sentences for the same codes, in the reader's language
(``web/desk/core/health_details.py``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

SAID: Final = "said"  # the code of words that a library, a server or a setting's check has said

FactValue: TypeAlias = "str | int | Sequence[Fact]"


@dataclass(frozen=True)
class Fact:
    """One thing that a check found. ``code``: a key of ``SENTENCES``; ``values``: what the sentence names, facts among
    them where it names several things."""

    code: str
    values: Mapping[str, FactValue] = field(default_factory=dict)


def fact(code: str, **values: FactValue) -> Fact:
    """A fact by its code and values."""
    return Fact(code, values)


def said(words: object) -> Fact:
    """Words that are shown as they are."""
    return fact(SAID, text=str(words))


SENTENCES: Final[Mapping[str, str]] = {
    SAID: "{text}",
    "answers": "{place} answers",
    "unreachable": "not known: {place} cannot be reached from here",
    # program files, configuration
    "program_files": "all in place",
    "program_files_missing": "missing or not the vetted file: {files}; {remedy}",
    "configuration": "{base}, {locale}, pace {pace}",
    # evidence, mail, messages in browsers, city account
    "pages_kept": "pages are kept in {place}",
    "no_mail": "none; one-time links are shown to be copied",
    "push": "can be sent",
    "no_push": "off: {why}",
    "no_issuer": "none; people sign in with passwords and passkeys",
    # passkeys, base address, certificate
    "passkeys": "can be used at exactly {place}; at another name or port the sign-in says so",
    "passkeys_number": (
        "cannot be used: {place} is a number, and browsers tie them to a name; set LANTOA_BASE_URL to one"
    ),
    "passkeys_open": "cannot be used: {place} is not https",
    "other_program": "{place} answers {status} and is not this program; set LANTOA_BASE_URL",
    "no_https": "none: the address is not https",
    "certificate_unreachable": "not known: {place} cannot be reached from here ({why})",
    "certificate": "{place}: good until {day}, {days} days",
    # checkpoints, time stamps, copy
    "checkpoint": "{place}: the last of {day}",
    "no_checkpoint": "{place}: holds none of the last {days} days",
    "wrong_checkpoint": "{place}: what it holds of {day} is not what was written there: {why}",
    "no_copy": "none; set LANTOA_COPY_FOLDER",
    "copy_of_postgresql": "none: PostgreSQL has its own",
    "copy_missing": "there is none in {place} yet; is the clock running, and may it write there?",
    "copy": "{place}, {minutes} minutes old",
    "copy_late": "look for 'could not copy' in the log",
    # files, disk, database, secret key
    "files": "{place} is readable to this account only",
    "files_open": "other accounts may open {files}; run: chmod -R go= {place}",
    "disk": "{free} MB free of {whole}",
    "no_database": "{place} is not there yet; run: lantoa db upgrade",
    "database": "{kind} at {at}",
    "database_trouble": "{kind} at {at}, {trouble}",
    "sealed": "the database was sealed with it",
    "other_seal": "the database was sealed with another key; put that one back",
    "broken_end": "the end of the journal was changed by hand; run: lantoa journal verify",
    # journal
    "journal_noted": "contains entry {entry}, noted {at}; set back {times} times",
    "journal_not_noted": "nothing is noted in this data folder yet",
    "journal_broken": "{why}",
    # staff, time, clock, browser, processes
    "administrators": "{count} administrators",
    "no_administrator": "no administrator; run: lantoa staff add EMAIL --role admin",
    "one_clock": "one machine, one clock",
    "clocks_apart": "the database's clock is {seconds} s from this machine's",
    "clock": "led by {who}, which signed {seconds} s ago",
    "no_clock_ever": "no clock is running, nor was there one before",
    "clock_ahead": (
        "no clock is running; the lease of {who} ends {until} UTC: a machine's time was ahead; "
        "start lantoa serve, or clock"
    ),
    "no_clock": "no clock is running; {who} fell silent {seconds} s ago",
    "no_browser": "off; {count} counted copies were not seen by one",
    "chromium": "Chromium is there",
    "picture_text": "tesseract is there with its Vietnamese model",
    "no_picture_text": "not read: there is no tesseract with its Vietnamese model (tesseract-ocr-vie)",
    "recordings": "ffmpeg is there",
    "no_recordings": "not taken: there is no ffmpeg",
    "no_chromium": "{what}",
    "browser": "on, {running} running; {count} pages wait",
    "browser_stopped": "on, none is running: start lantoa render; {count} pages wait",
    "missing_here": "here: {what}",
    "processes": "{web} web, {clock} clock, {work} work",
    "no_process": "nobody does: {parts}; start lantoa serve, or web and work",
    # queue, deliveries, channels, sources
    "queue": "oldest due delivery is {seconds} s late",
    "queue_log": "see why in the log of lantoa work",
    "nobody_sends": "nobody sends: start lantoa serve, or work",
    "channels_hold": "{count} wait for {channels}",
    "channel_in_state": "{channel} ({state})",
    "no_deliveries_wait": "0 wait for a person",
    "deliveries_wait": "{count} wait for a person",
    "no_channels": "none yet",
    "channels": "{states}",
    "channels_lost": "{states}: {channels}; grant access again on the page Tài khoản chính thức",
    "channels_failing": "{states}: {channels}; see the page Tài khoản chính thức",
    "channels_of_state": "{count} {state}",
    "channel_error": "{channel} ({error})",
    "no_sources": "0 lists are watched, 0 fail repeatedly, 0 are silent",
    "sources": "{watched} lists are watched, {failing} fail repeatedly, {silent} are silent",
    "sources_named": "see: lantoa site list --failing",
    # tallies, kept for good, kept pages, backup, search, broker
    "changes": "{count} changes are not added up yet",
    "many_changes": "{count} changes are not added up yet: is the clock running?",
    "triggers_missing": "{count} triggers are not in place; run: lantoa tallies rebuild",
    "kept_for_good": "evidence and frozen briefings cannot be changed",
    "rows_changeable": (
        "anybody could change kept rows: {triggers} not there; compare the count with its proofs "
        "(lantoa tallies verify), then restore a backup"
    ),
    "kept_pages": "there, of the {count} newest and oldest that evidence names",
    "kept_pages_missing": (
        "{count} that evidence names are not in {place}, such as {example}: copy the pages of the backup there; "
        "then run: lantoa tallies verify"
    ),
    "no_backup": "none was made yet",
    "backup_encrypted": "{file}, {at} UTC, encrypted",
    "backup_open": "{file}, {at} UTC, not encrypted; set LANTOA_BACKUP_RECIPIENT",
    "backup_late": "{days} days without one, run: lantoa backup FILE",
    "index": "the index is whole",
    "index_not_whole": "the index is not whole; run: lantoa search rebuild",
    "broker_refuses": "refuses this user and password; look at LANTOA_BROKER_URL, or: rabbitmqctl change_password",
    "broker_forbids": "{why}; look at LANTOA_BROKER_URL, or: rabbitmqctl set_permissions",
    "broker_without_queue": "answers, but has no queue {queue}: no worker has been there yet",
    "broker_unreachable": "{why}; look at LANTOA_BROKER_URL and whether RabbitMQ runs",
    "broker": "answers; {count} nudges wait, {workers} workers listen",
}


def english(facts: Iterable[Fact]) -> str:
    """Return the command's sentence."""
    return "; ".join(_english(one) for one in facts)


def _english(found: Fact) -> str:
    values = {
        name: value if isinstance(value, str | int) else ", ".join(_english(part) for part in value)
        for name, value in found.values.items()
    }
    return SENTENCES[found.code].format(**values)
