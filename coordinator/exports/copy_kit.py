"""The copy kit as one ZIP file: a bulletin as HTML, plain text and Word, with its pictures, video, audio, captions and
documents."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import slug

MAX_NAME_LENGTH = 60  # characters of a headline in a file's name; Windows refuses longer paths
MAX_FILE_BYTES = 60_000_000  # bytes of pictures and other files in one kit; further ones are named with their address

_PREFIXES = {"picture": "anh", "video": "video", "audio": "am-thanh", "captions": "phu-de", "document": "tai-lieu"}
_NAMES = {"picture": "Ảnh", "video": "Video", "audio": "Âm thanh", "captions": "Phụ đề", "document": "Tài liệu"}


@dataclass(frozen=True)
class KitFile:
    """A picture, video, audio, captions or document file: its kind, description, address and bytes; None when it is not
    the department's, too large or could not be read."""

    alt: str
    url: str
    suffix: str = "jpg"
    content: bytes | None = None
    kind: str = "picture"


@dataclass(frozen=True)
class CopyKit:
    """The content of the kit. ``html`` is the fragment to paste, ``text`` its plain form, both with the source line;
    ``body_html`` the body with its media. ``files``: pictures and others. ``changed_at``: aware, the date of the files.
    """

    code: str
    title: str
    lead: str
    body_html: str
    html: str
    text: str
    author: str
    url: str
    changed_at: datetime
    files: Sequence[KitFile] = ()

    @property
    def pictures(self) -> Sequence[KitFile]:
        """The pictures among its files."""
        return [file for file in self.files if file.kind == "picture"]

    @property
    def name(self) -> str:
        """``BT-2026-11-24-001-lich-tiem``: characters that every system and mail program keeps."""
        return f"{self.code}-{short_slug(self.title)}".strip("-")


def file_name(number: int, file: KitFile) -> str:
    """``anh-1-tre-duoc-tiem.jpg``."""
    return f"{f'{_PREFIXES[file.kind]}-{number}-{short_slug(file.alt)}'.strip('-')}.{file.suffix}"


def short_slug(words: str) -> str:
    """Return a slug of whole words, at most ``MAX_NAME_LENGTH`` characters."""
    whole = slug(words)
    return whole if len(whole) <= MAX_NAME_LENGTH else whole[: MAX_NAME_LENGTH + 1].rpartition("-")[0]


def write_copy_kit(out: IO[bytes], kit: CopyKit) -> None:
    """Return the ZIP file. Every name in it is ASCII, every text UTF-8; plain texts also suit Windows' editor."""
    from coordinator.exports.copy_kit_word import BulletinDocument  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

    moment = kit.changed_at.astimezone(CITY).timetuple()[:6]

    def add_file(name: str, content: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
        entry = zipfile.ZipInfo(name, moment)
        entry.external_attr = 0o644 << 16
        file.writestr(entry, content, how)

    with zipfile.ZipFile(out, "w") as file:
        add_file("doc-truoc.txt", _for_windows(readme(kit)))
        add_file("ban-tin.html", html_page(kit).encode())
        add_file("ban-tin.txt", _for_windows(kit.text))
        word = io.BytesIO()
        BulletinDocument(kit).save(word)
        add_file("ban-tin.docx", word.getvalue(), zipfile.ZIP_STORED)  # it is compressed already
        for number, kept in enumerate(kit.files, 1):
            if kept.content is not None:
                add_file(file_name(number, kept), kept.content, zipfile.ZIP_STORED)


def html_page(kit: CopyKit) -> str:
    """Return the fragment as a complete HTML page. ``html`` is sanitised already; the title is escaped here."""
    title = kit.title.replace("&", "&amp;").replace("<", "&lt;")
    return f'<!doctype html>\n<html lang="vi">\n<meta charset="utf-8">\n<title>{title}</title>\n{kit.html}\n</html>\n'


def readme(kit: CopyKit) -> str:
    """Return the readme: the content of the file, how to use it, and the description of each picture and file."""
    lines = [
        f"{kit.code} – {kit.title}",
        "",
        "Cách đăng",
        "  1. Sao chép ban-tin.html (dạng mã), ban-tin.docx hoặc ban-tin.txt vào trang của đơn vị, nguyên văn.",
        "  2. Tải ảnh, video và âm thanh lên trang của đơn vị nếu cần; mô tả ở dưới là chữ thay thế (alt) cho người",
        "     không thấy, không nghe được. Xin giữ lời thoại và chữ trên ảnh trong bài.",
        "  3. Giữ dòng nguồn ở cuối bài, có đường dẫn bấm được tới bản gốc:",
        f"     Theo {kit.author}: {kit.url}",
        "  4. Ảnh đếm 1 điểm ở cuối ban-tin.html cho biết lượt xem; không đặt cookie, không giữ địa chỉ người đọc.",
        "",
        "Bản mới nhất luôn ở địa chỉ trên. Sau khi có đính chính hoặc thu hồi, tệp này không còn đúng.",
    ]
    if kit.files:
        lines += ["", "Ảnh và tệp kèm theo"]
    for number, file in enumerate(kit.files, 1):
        where = file_name(number, file) if file.content is not None else f"không kèm trong tệp: {file.url}"
        described = f"     Mô tả: {file.alt or '(chưa có)'}"
        lines += [f"  {number}. {where}", described, f"     {_NAMES[file.kind]}: {kit.author}"]
    return "\n".join([*lines, ""])


def _for_windows(text: str) -> bytes:
    """Return text with a byte order mark and CRLF, by which Windows' editors recognise UTF-8."""
    return "\r\n".join(text.splitlines()).encode("utf-8-sig")
