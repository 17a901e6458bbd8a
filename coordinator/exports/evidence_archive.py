"""The evidence of one copy in one file that can be verified independently: checksums, pages, web archives, passages,
journal.

Every file in it has its SHA-256 in ``SHA256SUMS``, in the format of ``sha256sum -c``. A stored page has the hash that
the evidence names, and a line of the journal has the hash that the next entry refers to.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from campaigns.core.clock import CITY
from coordinator.storage.blobs import DamagedBody

CHECKSUMS_NAME = "SHA256SUMS"
README_NAME = "README.txt"


@dataclass(frozen=True)
class ArchivedFile:
    """A stored file to include: its path in the ZIP, its key in the store, and the expected SHA-256; empty where the
    key has it. ``archive``: the web archive itself is included, not the page in it."""

    path: str
    key: str
    sha256: str = ""
    archive: bool = False


def write_evidence(
    out: IO[bytes],
    values: Mapping[str, Any],
    lines: Mapping[int, str],
    wanted: Iterable[ArchivedFile],
    read: Callable[[ArchivedFile], bytes],
    *,
    at: datetime,
    stands: tuple[str, str],
) -> list[str]:
    """Write the ZIP to ``out``; returns one line for each missing file, which the ZIP lists too.

    ``values``: the evidence as one object. ``lines``: the lines of the journal, each as it was hashed, by number.
    ``read``: returns a stored file; raises ``FileNotFoundError`` or ``DamagedBody`` when it is missing or changed.
    ``stands``: the state of the copy as text, Vietnamese and English. The same evidence at the same time ``at`` gives
    the same bytes.

    Raises ``OSError`` when the store cannot be read now: files must not be listed as missing then.
    """
    sums: dict[str, str] = {}
    missing: list[str] = []
    tried: set[str] = set()
    stamp = at.astimezone(CITY).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:

        def add_file(path: str, body: bytes) -> None:
            about = zipfile.ZipInfo(path, stamp)
            about.compress_type = zipfile.ZIP_STORED if path.endswith(".gz") else zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            file.writestr(about, body)
            sums[path] = hashlib.sha256(body).hexdigest()

        add_file("evidence.json", _json(values))
        add_file("passages.txt", passages(values).encode())
        for item in values["bulletin"]["revisions"]:
            add_file(f"bulletin/revision-{item['revision']}.txt", item["text"].encode())
        for number, line in sorted(lines.items()):
            add_file(f"journal/{number:08d}.json", line.encode())
        for item in wanted:
            if item.path in tried:
                continue  # two checks stored the same page
            tried.add(item.path)
            try:
                body = read(item)
            except (FileNotFoundError, DamagedBody) as error:
                missing.append(f"{item.path}: {error}")
                continue
            if item.sha256 and hashlib.sha256(body).hexdigest() != item.sha256:
                missing.append(f"{item.path}: what is kept has another hash than the evidence says")
                continue
            add_file(item.path, body)
        add_file(README_NAME, readme(values, missing, stands).encode())
        listed = "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items()))
        add_file(CHECKSUMS_NAME, listed.encode())
    return missing


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def passages(values: Mapping[str, Any]) -> str:
    """Return the matched passages of each stored page, both texts below each other; a page with the passages of an
    earlier one refers to it."""
    texts = {item["revision"]: item["text"] for item in values["bulletin"]["revisions"]}
    parts: list[str] = []
    first: dict[tuple[tuple[int, str, str], ...], int] = {}  # passages -> the first check that found them
    for number, item in enumerate(values["evidence"], 1):
        parts.append(f"== {number} · {item['at']} · {item['final_url']}\n   {item['match']} · {item['share']:.1%}\n")
        ours, theirs = texts.get(item["revision"], ""), item["page_text"]
        pairs = _distinct_passages(item["passages"])
        found = tuple((pair[0], ours[pair[0] : pair[1]], theirs[pair[2] : pair[3]]) for pair in pairs)
        if found and first.setdefault(found, number) != number:
            parts.append(f"= như lần {first[found]} / as in {first[found]}\n")
        else:
            for place, pair in enumerate(pairs, 1):
                parts.append(
                    f"[{number}.{place}] bản tin / bulletin {pair[0]}–{pair[1]} · trang / page {pair[2]}–{pair[3]}\n"
                    f"< {' '.join(ours[pair[0] : pair[1]].split())}\n> {' '.join(theirs[pair[2] : pair[3]].split())}\n"
                )
        if item["source_text"]:
            parts.append(f"nguồn / source: {item['source_text']} → {item['source_link'] or '—'}\n")
        parts.append("\n")
    return "".join(parts)


def _distinct_passages(found: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    return [numbers for numbers in found if len(numbers) == 4]


def readme(values: Mapping[str, Any], missing: Sequence[str], stands: tuple[str, str]) -> str:
    """Return the instructions for verification, in Vietnamese and English; ``stands`` is in both languages."""
    copy, head = values["republication"], values["journal_head"]
    about = (copy["bulletin"], copy["canonical_url"])
    made, end = values["made_at"], (head["seq"], head["hash"])
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
bulletin/       Văn bản từng phiên bản của bản tin.
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
