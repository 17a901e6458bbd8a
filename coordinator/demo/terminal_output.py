"""The terminal output of the demo: each journal entry as a line, and the table at the end."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from campaigns.core.clock import CITY
from campaigns.core.journal import SYSTEM, JournalEntry
from coordinator.db import Database
from coordinator.web.kit.text.state_labels import value_label

WORDS = {
    "bulletin.written": "soạn",
    "bulletin.submitted": "gửi duyệt",
    "bulletin.approved": "duyệt",
    "bulletin.scheduled": "hẹn giờ",
    "bulletin.published": "phát hành",
    "bulletin.corrected": "đính chính",
    "bulletin.recalled": "thu hồi",
    "republication.confirmed": "xác nhận lượt lan tỏa",
    "republication.duplicate": "thấy địa chỉ khác của bài đã tính",
    "republication.review": "chuyển người xem xét",
    "republication.claimed": "đối tác báo có bài",
    "republication.rejected": "loại, không tính",
    "republication.followed": "thấy đối tác đã sửa theo",
    "republication.missing": "lần đầu không thấy bài",
    "republication.gone": "thấy bài đã gỡ",
    "republication.unreadable": "không đọc được trang bằng cách này",
    "republication.back": "thấy lại bài",
    "channel.state": "đổi trạng thái kênh",
}
# The product's tally of a partner, and its other results.
TALLIED = (
    ("delivered", "đã tới"),
    ("found", "đã thấy"),
    ("confirmed", "xác nhận"),
    ("review", "chờ xem"),
    ("attributed", "dẫn nguồn"),
    ("gone", "đã gỡ"),
)
PROVED = (
    ("behind", "còn bản cũ"),
    ("taken_from_partner", "lấy lại"),
    ("second_addresses", "địa chỉ 2"),
    ("seen_in_browser", "tr.duyệt"),
    ("claims", "tự báo"),
    ("false_claims", "báo sai"),
)


class JournalPrinter:
    """Prints new journal entries from a thread of its own."""

    def __init__(self, database: Database, say: Callable[[str], None]) -> None:
        self._database, self._say = database, say
        self._stop = threading.Event()
        self._last = 0
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)

    def start(self) -> None:
        """Start printing after the existing entries."""
        with self._database.read() as session:
            self._last = session.execute(sa.select(sa.func.coalesce(sa.func.max(JournalEntry.seq), 0))).scalar_one()
        self._thread.start()

    def stop(self) -> None:
        """Print the remaining entries and stop."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.wait(0.5):
            self._print_entries()
        self._print_entries()

    def _print_entries(self) -> None:
        with self._database.read() as session:
            entries = (
                session.execute(sa.select(JournalEntry).where(JournalEntry.seq > self._last).order_by(JournalEntry.seq))
                .scalars()
                .all()
            )
        for entry in entries:
            self._last = entry.seq
            if entry.act in WORDS:
                at = f"{entry.at.astimezone(CITY):%H:%M:%S}"
                self._say(f"  {at}  {_actor_name(entry.actor):<20} {WORDS[entry.act]} {_entry_subject(entry)}")


def _actor_name(actor: str) -> str:
    if actor == SYSTEM:
        return "Lan Tỏa"
    return "khóa của đối tác" if actor.startswith("key:") else actor


def _entry_subject(entry: JournalEntry) -> str:
    details = json.loads(entry.details)
    if entry.subject_kind == "republication":
        words = [details["bulletin"]] if details.get("bulletin") else []
        words += [value_label(name, details[name]).lower() for name in ("match", "attribution") if details.get(name)]
        why = details.get("why") or ()
        first = why if isinstance(why, str) else str(next(iter(why), ""))
        signs = [first.partition(":")[0]] if first else []
        return " · ".join([*words, *signs, str(details.get("url", ""))])
    title = details.get("title") or details.get("note") or details.get("reason") or ""
    return f"{entry.subject} {title}".strip()


def table(
    names: Mapping[str, str],
    known: Mapping[str, Mapping[str, int]],
    counted: Mapping[str, Mapping[str, int]],
    columns: Sequence[tuple[str, str]],
) -> Sequence[str]:
    """The table by partner: the counted figure, followed by the known one in brackets where they differ."""
    width = max(len(name) for name in [*names.values(), "Cả ba đối tác"])
    lines = ["  " + " " * width + "".join(f"{word:>11}" for _, word in columns)]
    for code, name in names.items():
        lines.append(f"  {name:<{width}}" + "".join(_cell(counted[code][key], known[code][key]) for key, _ in columns))
    sums = "".join(
        _cell(sum(figures[key] for figures in counted.values()), sum(figures[key] for figures in known.values()))
        for key, _ in columns
    )
    lines.append(f"  {'Cả ba đối tác':<{width}}" + sums)
    return lines


def _cell(counted: int, known: int) -> str:
    return f"{counted:>11}" if counted == known else f"{f'{counted} [{known}]':>11}"
