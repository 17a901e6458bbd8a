"""The copy kit as one file: a bulletin as HTML, plain text and Word, with its pictures, ready to be put on a site."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import slug

LONGEST_NAME = 60  # characters of a headline in a file's name; longer paths are refused by Windows
MOST_BYTES = 60_000_000  # of pictures in one file; those beyond it are named with their address


@dataclass(frozen=True)
class KitPicture:
    """A picture: what it shows, its address, and its bytes; None when it is not ours to pack or could not be read."""

    alt: str
    url: str
    suffix: str = "jpg"
    content: bytes | None = None


@dataclass(frozen=True)
class Kit:
    """What is packed. ``html`` is the fragment to paste, ``text`` its plain form, both with the source line.
    ``changed_at``: aware, the moment that the files are dated by."""

    code: str
    title: str
    lead: str
    body_html: str
    html: str
    text: str
    author: str
    url: str
    changed_at: datetime
    pictures: Sequence[KitPicture] = ()

    @property
    def name(self) -> str:
        """``BT-2026-11-24-001-lich-tiem``: letters that every system and every program of mail keeps."""
        return f"{self.code}-{short(self.title)}".strip("-")


def file_of(number: int, picture: KitPicture) -> str:
    """``anh-1-tre-duoc-tiem.jpg``."""
    return f"{f'anh-{number}-{short(picture.alt)}'.strip('-')}.{picture.suffix}"


def short(words: str) -> str:
    """A slug of whole words, at most ``LONGEST_NAME`` characters."""
    whole = slug(words)
    return whole if len(whole) <= LONGEST_NAME else whole[: LONGEST_NAME + 1].rpartition("-")[0]


def write_kit(out: IO[bytes], kit: Kit) -> None:
    """Write the whole file. Every name in it is plain ASCII, every text UTF-8; texts for Windows' own editor, too."""
    from coordinator.exports.article import Article  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

    moment = kit.changed_at.astimezone(CITY).timetuple()[:6]

    def put(name: str, content: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
        entry = zipfile.ZipInfo(name, moment)
        entry.external_attr = 0o644 << 16
        file.writestr(entry, content, how)

    with zipfile.ZipFile(out, "w") as file:
        put("doc-truoc.txt", _for_windows(readme(kit)))
        put("ban-tin.html", page(kit).encode())
        put("ban-tin.txt", _for_windows(kit.text))
        word = io.BytesIO()
        Article(kit).save(word)
        put("ban-tin.docx", word.getvalue(), zipfile.ZIP_STORED)  # it is a packed file already
        for number, picture in enumerate(kit.pictures, 1):
            if picture.content is not None:
                put(file_of(number, picture), picture.content, zipfile.ZIP_STORED)


def page(kit: Kit) -> str:
    """The fragment as a file that a browser shows by itself. ``html`` comes sanitised; the title is escaped here."""
    title = kit.title.replace("&", "&amp;").replace("<", "&lt;")
    return f'<!doctype html>\n<html lang="vi">\n<meta charset="utf-8">\n<title>{title}</title>\n{kit.html}\n</html>\n'


def readme(kit: Kit) -> str:
    """What is in the file and how to use it, with what each picture shows."""
    lines = [
        f"{kit.code} – {kit.title}",
        "",
        "Cách đăng",
        "  1. Chép ban-tin.html (dạng mã), ban-tin.docx hoặc ban-tin.txt vào trang của bạn, nguyên văn.",
        "  2. Tải ảnh lên trang của bạn nếu cần; mô tả ảnh ở dưới là chữ thay thế (alt) cho người không thấy ảnh.",
        "  3. Giữ dòng nguồn ở cuối bài, có đường dẫn bấm được tới bản gốc:",
        f"     Theo {kit.author}: {kit.url}",
        "  4. Ảnh đếm 1 điểm ở cuối ban-tin.html cho biết lượt xem; không đặt cookie, không giữ địa chỉ người đọc.",
        "",
        "Bản mới nhất luôn ở địa chỉ trên. Sau khi có đính chính hoặc thu hồi, tệp này không còn đúng.",
    ]
    if kit.pictures:
        lines += ["", "Ảnh"]
    for number, picture in enumerate(kit.pictures, 1):
        where = file_of(number, picture) if picture.content is not None else f"không kèm trong tệp: {picture.url}"
        lines += [f"  {number}. {where}", f"     Mô tả: {picture.alt or '(chưa có)'}", f"     Ảnh: {kit.author}"]
    return "\n".join([*lines, ""])


def _for_windows(text: str) -> bytes:
    """With the mark and the line ends by which every editor there knows UTF-8."""
    return "\r\n".join(text.splitlines()).encode("utf-8-sig")
