"""The evidence of one copy in one file that a stranger can check without us: sums, pages, archives, passages, journal.

Everything in it has its SHA-256 in ``SHA256SUMS``, as ``sha256sum -c`` reads it. A kept page has there the very hash
that the evidence names, and a line of the journal the very hash by which the next one is chained to it.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from campaigns.core.clock import CITY
from coordinator.keeping.blobs import Damaged

SUMS = "SHA256SUMS"
README = "README.txt"


@dataclass(frozen=True)
class Wanted:
    """A kept file to be put in: its path in the file, its key in the store, and the SHA-256 that it must have; empty
    where its key alone says so. ``archive``: the web archive itself is meant, not the page in it."""

    path: str
    key: str
    sha256: str = ""
    archive: bool = False


def write(
    out: IO[bytes],
    told: Mapping[str, Any],
    lines: Mapping[int, str],
    wanted: Iterable[Wanted],
    read: Callable[[Wanted], bytes],
    *,
    at: datetime,
    stands: tuple[str, str],
) -> list[str]:
    """Write the file to ``out``; returns what is missing from it, one line each, as the file itself says too.

    ``told``: the evidence as one object. ``lines``: the journal's, each exactly as it was hashed, by number. ``read``:
    gets a kept file; raises ``FileNotFoundError`` or ``Damaged`` when it is not there as it was. ``stands``: how the
    copy stands, in words, Vietnamese and English. The same evidence at the same moment ``at`` gives the same bytes.

    Raises ``OSError`` when the place they are kept in cannot be read now: that says nothing about what is kept, and a
    file that called them missing would be a false witness.
    """
    sums: dict[str, str] = {}
    missing: list[str] = []
    tried: set[str] = set()
    stamp = at.astimezone(CITY).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:

        def put(path: str, body: bytes) -> None:
            about = zipfile.ZipInfo(path, stamp)
            about.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            file.writestr(about, body)
            sums[path] = hashlib.sha256(body).hexdigest()

        put("evidence.json", _json(told))
        put("passages.txt", passages(told).encode())
        for one in told["bulletin"]["revisions"]:
            put(f"bulletin/revision-{one['revision']}.txt", one["text"].encode())
        for number, line in sorted(lines.items()):
            put(f"journal/{number:08d}.json", line.encode())
        for one in wanted:
            if one.path in tried:
                continue  # two looks found the very same page
            tried.add(one.path)
            try:
                body = read(one)
            except (FileNotFoundError, Damaged) as error:
                missing.append(f"{one.path}: {error}")
                continue
            if one.sha256 and hashlib.sha256(body).hexdigest() != one.sha256:
                missing.append(f"{one.path}: what is kept has another hash than the evidence says")
                continue
            put(one.path, body)
        put(README, readme(told, missing, stands).encode())
        listed = "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items()))
        put(SUMS, listed.encode())
    return missing


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def passages(told: Mapping[str, Any]) -> str:
    """What of the bulletin stands on each kept page, both texts under each other; what an earlier look found too is
    not told again."""
    texts = {one["revision"]: one["text"] for one in told["bulletin"]["revisions"]}
    parts: list[str] = []
    first: dict[tuple[tuple[int, str, str], ...], int] = {}  # what was found -> the look that found it first
    for number, one in enumerate(told["evidence"], 1):
        parts.append(f"== {number} · {one['at']} · {one['final_url']}\n   {one['match']} · {one['share']:.1%}\n")
        ours, theirs = texts.get(one["revision"], ""), one["page_text"]
        pairs = _quadruples(one["passages"])
        found = tuple((pair[0], ours[pair[0] : pair[1]], theirs[pair[2] : pair[3]]) for pair in pairs)
        if found and first.setdefault(found, number) != number:
            parts.append(f"= như lần {first[found]} / as in {first[found]}\n")
        else:
            for place, pair in enumerate(pairs, 1):
                parts.append(
                    f"[{number}.{place}] bản tin / bulletin {pair[0]}–{pair[1]} · trang / page {pair[2]}–{pair[3]}\n"
                    f"< {' '.join(ours[pair[0] : pair[1]].split())}\n> {' '.join(theirs[pair[2] : pair[3]].split())}\n"
                )
        if one["source_text"]:
            parts.append(f"nguồn / source: {one['source_text']} → {one['source_link'] or '—'}\n")
        parts.append("\n")
    return "".join(parts)


def _quadruples(found: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    return [one for one in found if len(one) == 4]


def readme(told: Mapping[str, Any], missing: Sequence[str], stands: tuple[str, str]) -> str:
    """How to check it, in Vietnamese and in English; ``stands`` is said in either."""
    copy, head = told["republication"], told["journal_head"]
    about = (copy["bulletin"], copy["canonical_url"])
    made, end = told["made_at"], (head["seq"], head["hash"])
    lost = "".join(f"  {line}\n" for line in missing)
    return (
        _VIETNAMESE.format(*about, stands[0], made, *end)
        + (f"\nTHIẾU so với bằng chứng:\n{lost}" if missing else "")
        + "\n----\n\n"
        + _ENGLISH.format(*about, stands[1], made, *end)
        + (f"\nMISSING, though the evidence names it:\n{lost}" if missing else "")
    )


_VIETNAMESE = """HỒ SƠ BẰNG CHỨNG MỘT BÀI LAN TỎA

Bản tin:    {0}
Địa chỉ:    {1}
Kết luận:   {2}
Lập lúc:    {3}

Kiểm tra:   sha256sum -c SHA256SUMS
            (Windows: certutil -hashfile TÊN SHA256, so với dòng cùng tên trong SHA256SUMS)

evidence.json   Mọi điều đã ghi: ai thấy khi nào, mỗi lần tải, kết luận và lý do, phiên bản quy tắc.
passages.txt    Từng đoạn của bản tin có trên trang: dòng < là bản tin, dòng > là trang;
                dòng = chỉ lần xem trước có cùng các đoạn.
bulletin/       Văn bản từng bản sửa của bản tin.
pages/          Mã trang đúng từng byte như khi tải. SHA-256 của tệp chính là body_sha256 trong evidence.json.
                Đừng mở bằng trình duyệt: trang của người khác có thể chạy mã hoặc gọi ra ngoài. Mở bằng trình soạn chữ.
archives/       Lưu trữ web (WARC 1.1, ISO 28500) của từng lần tải: lời hỏi, lời đáp, địa chỉ máy chủ, thời điểm.
                Đọc bằng pywb, ReplayWeb.page hoặc: warcio check TÊN.warc.gz
exhibits/       Ảnh chụp hoặc PDF do người đưa lên.
journal/        Các dòng nhật ký về bài này, đúng từng chữ như khi tính hàm băm. SHA-256 của tệp chính là "hash" của
                dòng đó; chữ cuối trong tệp là hash của dòng đứng ngay trước trong nhật ký.
                Cuối nhật ký lúc lập hồ sơ: dòng {4}, {5}
"""

_ENGLISH = """EVIDENCE OF ONE REPUBLICATION

Bulletin:   {0}
Address:    {1}
Conclusion: {2}
Made at:    {3}

To check:   sha256sum -c SHA256SUMS
            (Windows: certutil -hashfile NAME SHA256, against the line of that name in SHA256SUMS)

evidence.json   All that is on record: who saw it when, each fetch, verdicts with reasons, versions of the rules.
passages.txt    Each part of the bulletin that stands on the page: lines with < are the bulletin's, with > the page's;
                a line with = names the look that found the same.
bulletin/       The text of each revision of the bulletin.
pages/          Pages byte for byte as they were fetched. A file's SHA-256 is the body_sha256 in evidence.json.
                Do not open them in a browser: a page of others may run code or call elsewhere. Use a text editor.
archives/       Web archives (WARC 1.1, ISO 28500) of each fetch: request, answer, the server's number, the moment.
                Read them with pywb, ReplayWeb.page, or: warcio check NAME.warc.gz
exhibits/       Pictures and papers that people handed in.
journal/        The journal's lines about this copy, to the letter as they were hashed. A file's SHA-256 is that line's
                "hash"; the last text in a file is the hash of the line just before it in the journal.
                The journal's end when this was made: line {4}, {5}
"""
