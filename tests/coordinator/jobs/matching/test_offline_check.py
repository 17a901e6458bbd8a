"""``lantoa check``: the contract of its two inputs and its output, line by line."""

import io
import json
import os
import resource
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from campaigns.republications.attribution.source_lines import SourceName
from coordinator.discovery.pages.page import HtmlPage, parse_page
from coordinator.jobs.matching import json_lines, offline_check
from coordinator.jobs.matching.offline_check import check_files
from tests.campaigns.matching.sample_texts import OUR_NAME, bulletin, page_html, paragraphs, wire

KNOWN = [bulletin(seed) for seed in range(30)]
KEYS = (
    ["page", "bulletin", "match", "share", "longest_run", "title_kept", "attribution", "source_name", "source_link"],
    ["link_position", "published_at", "published_at_from", "canonical_url", "reasons", "passages"],
)


def bulletin_line(seed: int, **more: Any) -> dict[str, Any]:
    sample = KNOWN[seed]
    return {"id": sample.id, "title": sample.title, "lead": sample.lead, "text": sample.text, "url": sample.url, **more}


def page_line(number: int, seed: int | None, **more: Any) -> dict[str, Any]:
    if seed is None:
        html = page_html("Tin khác", paragraphs(wire(number).split("\n")))
    else:
        sample = KNOWN[seed]
        tail = f'<p>Theo <a href="{sample.url}">{OUR_NAME}</a></p>'
        html = page_html(sample.title, paragraphs([sample.lead, *sample.paragraphs]), tail=tail)
    return {"id": f"p{number}", "url": f"https://tinvui.example/bai-{number}.html?utm_source=x", "html": html, **more}


class Ran:
    """One run over lines given as objects, text or bytes."""

    def __init__(self, folder: Path, bulletins: list[Any], pages: list[Any], workers: int = 1) -> None:
        self.bulletins, self.pages = folder / "B.jsonl", folder / "P.jsonl"
        self.bulletins.write_bytes(b"".join(map(_as_line, bulletins)))
        self.pages.write_bytes(b"".join(map(_as_line, pages)))
        out, err = io.StringIO(), io.StringIO()
        self.status = check_files(self.bulletins, self.pages, out, err, workers, [SourceName(OUR_NAME)])
        self.text = out.getvalue()
        self.lines = [json.loads(line) for line in self.text.splitlines()]
        self.errors = err.getvalue().splitlines()


def _as_line(line: Any) -> bytes:
    if isinstance(line, bytes):
        return line + b"\n"
    return (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"


ALL = [bulletin_line(seed) for seed in range(30)]


def test_a_copy_and_a_page_without_one_are_reported_with_all_keys_in_order(tmp_path: Path) -> None:
    copy = page_line(1, 3, fetched_at="2026-11-24T08:00:00+07:00")
    copy["html"] = copy["html"].replace(
        "<head>",
        '<head><script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-11-24T00:30Z"}</script>',
    )
    ran = Ran(tmp_path, ALL, [copy, page_line(2, None)])
    assert (ran.status, ran.errors) == (0, [])
    found, nothing = ran.lines
    keys = [key for row in KEYS for key in row]
    assert list(found) == keys == list(nothing)
    assert (found["page"], found["bulletin"], found["match"], found["title_kept"]) == ("p1", "b3", "full", True)
    assert found["share"] == 1.0
    assert found["longest_run"] > 400
    assert (found["attribution"], found["source_name"]) == ("linked_at_end", OUR_NAME)
    assert (found["source_link"], found["link_position"]) == (KNOWN[3].url, 1.0)
    assert (found["published_at"], found["published_at_from"]) == ("2026-11-24T07:30:00+07:00", "json-ld")
    assert found["canonical_url"] == "https://tinvui.example/bai-1.html"
    assert all(isinstance(reason, str) for reason in found["reasons"])
    assert all(0 <= start < end for start, end in found["passages"])
    assert (nothing["page"], nothing["bulletin"], nothing["match"], nothing["attribution"]) == (
        "p2",
        None,
        "none",
        "none",
    )
    assert (nothing["share"], nothing["passages"], nothing["source_link"]) == (0.0, [], None)
    assert nothing["canonical_url"] == "https://tinvui.example/bai-2.html"


def test_a_page_that_carries_two_bulletins_has_two_lines(tmp_path: Path) -> None:
    html = page_html("Tin vắn", paragraphs([*KNOWN[4].paragraphs, *KNOWN[5].paragraphs]))
    ran = Ran(tmp_path, ALL, [page_line(1, None, html=html)])
    assert {(line["page"], line["bulletin"]) for line in ran.lines} == {("p1", "b4"), ("p1", "b5")}


def test_a_teaser_has_a_line_that_says_so(tmp_path: Path) -> None:
    html = page_html(KNOWN[6].title, f"<p>{KNOWN[6].lead}</p>")
    ran = Ran(tmp_path, ALL, [page_line(1, None, html=html)])
    assert [(line["bulletin"], line["match"]) for line in ran.lines] == [("b6", "teaser")]


def test_a_page_that_is_not_read_whole_is_reported_to_be_cut_and_no_other(tmp_path: Path) -> None:
    whole = page_line(1, 3)["html"]
    pages = {
        "whole": whole,
        "deep": "<div>" * 100_000 + whole,
        "long": f"<p>{'Chuyện khác. ' * 400_000}</p>" + whole,
        "many": whole.replace("</article>", "<p>một</p>" * 25_000 + "</article>"),
    }
    ran = Ran(tmp_path, ALL, [page_line(1, None, id=name, html=html) for name, html in pages.items()])
    found = {line["page"]: (line["match"], line["reasons"][-1].partition(":")[0]) for line in ran.lines}
    assert found == {
        "whole": ("full", "confirmed"),
        "deep": ("none", "cut"),
        "long": ("none", "cut"),
        "many": ("full", "cut"),
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{bad", "not JSON"),
        ("[1]", "an array, expected a JSON object"),
        (b"\xff\xfe{}", "not UTF-8"),
        ({"url": "https://tinvui.example/", "html": ""}, "no 'id', expected a string or a whole number"),
        (
            {"id": 1.5, "url": "https://tinvui.example/", "html": ""},
            "'id' is a number, expected a string or a whole number",
        ),
        ({"id": "", "url": "https://tinvui.example/", "html": ""}, "'id' is empty"),
        ({"id": "x", "html": ""}, "no 'url'"),
        ({"id": "x", "url": "tinvui", "html": ""}, "expected an absolute http or https address"),
        ({"id": "x", "url": "https://tinvui.example/"}, "no 'html'"),
        ({"id": "x", "url": "https://tinvui.example/", "html": ["<p>"]}, "'html' is an array, expected a string"),
        ({"id": "x", "url": "https://tinvui.example/", "html": None}, "'html' is null, expected a string"),
        (
            {"id": "x", "url": "https://tinvui.example/", "html": "", "fetched_at": "hôm qua"},
            "'fetched_at' is 'hôm qua'",
        ),
        ("[" * 100_000, "nested too deeply"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_page_is_reported_by_its_row_and_the_rest_is_judged(
    tmp_path: Path, line: Any, said: str, workers: int
) -> None:
    ran = Ran(tmp_path, ALL, [page_line(1, 3), line, page_line(3, None)], workers)
    assert ran.status == 2
    assert [found["page"] for found in ran.lines] == ["p1", "p3"]
    (error,) = ran.errors
    assert error.startswith(f"{ran.pages}:2: ")
    assert said in error
    assert ", expected " in error


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ({"id": "x", "title": "T", "url": "https://a.example/x"}, "no 'text'"),
        ({"id": "x", "title": "T", "text": "  ", "url": "https://a.example/x"}, "'text' is empty"),
        ({"id": "x", "title": "T", "text": "A", "url": "x"}, "expected an absolute http or https address"),
        ({"id": "x", "title": "T", "text": "A", "lead": 5, "url": "https://a.example/x"}, "'lead' is a number"),
        ({"id": "x", "title": "T", "text": "A", "url": "https://a.example/x", "source_names": "Sở"}, "'source_names'"),
        (bulletin_line(3), "was used in an earlier line"),
    ],
)
def test_a_bad_bulletin_is_reported_by_its_row_and_the_others_are_looked_for(
    tmp_path: Path, line: Any, said: str
) -> None:
    ran = Ran(tmp_path, [bulletin_line(3), line, bulletin_line(4)], [page_line(1, 3), page_line(2, 4)])
    assert ran.status == 2
    assert [found["bulletin"] for found in ran.lines] == ["b3", "b4"]
    (error,) = ran.errors
    assert error.startswith(f"{ran.bulletins}:2: ")
    assert said in error


def test_source_names_of_a_bulletin_take_the_place_of_the_usual_ones(tmp_path: Path) -> None:
    html = page_html(KNOWN[7].title, paragraphs(KNOWN[7].paragraphs), tail="<p>Nguồn: Cổng Thử</p>")
    page = page_line(1, None, html=html)
    named = Ran(tmp_path, [bulletin_line(7, source_names=["Cổng Thử", "CT"])], [page])
    assert (named.lines[0]["attribution"], named.lines[0]["source_name"]) == ("named_only", "Cổng Thử")
    usual = Ran(tmp_path, [bulletin_line(7)], [page])
    assert usual.lines[0]["attribution"] == "named_other_source"


def test_ids_may_be_numbers_and_come_back_as_they_were(tmp_path: Path) -> None:
    ran = Ran(tmp_path, [bulletin_line(8, id=8)], [page_line(1, 8, id=17), page_line(2, 8, id="\ud800")])
    assert [(line["page"], line["bulletin"]) for line in ran.lines] == [(17, 8), ("\ud800", 8)]
    assert ran.text.encode()


def test_lead_may_be_missing_or_null(tmp_path: Path) -> None:
    without = bulletin_line(9)
    del without["lead"]
    ran = Ran(tmp_path, [without, bulletin_line(10, lead=None)], [page_line(1, 9), page_line(2, 10)])
    assert [line["match"] for line in ran.lines] == ["full", "full"]


def test_a_claim_to_be_earlier_than_the_bulletin_is_reported(tmp_path: Path) -> None:
    page = page_line(1, 11, fetched_at="2026-11-24T08:00:00+07:00")
    page["html"] = page["html"].replace("<head>", '<head><meta property="article:published_time" content="2026-11-20">')
    ran = Ran(tmp_path, [bulletin_line(11, published_at="2026-11-24T07:00:00+07:00")], [page])
    assert any(reason.startswith("earlier: ") for reason in ran.lines[0]["reasons"])
    assert ran.lines[0]["published_at_from"] == "meta"


def test_when_nothing_else_is_known_the_fetch_is_the_time(tmp_path: Path) -> None:
    ran = Ran(tmp_path, ALL, [page_line(1, 12, fetched_at="2026-11-24T01:00:00Z")])
    assert ran.lines[0]["published_at"] == "2026-11-24T08:00:00+07:00"
    assert ran.lines[0]["published_at_from"] == "first-seen"


def test_order_is_kept_and_two_processes_write_what_one_does(tmp_path: Path) -> None:
    pages: list[Any] = [page_line(number, number % 30 if number % 3 else None) for number in range(150)]
    pages.insert(77, "{bad")
    pages.insert(5, "")
    ran = Ran(tmp_path, ALL, pages, 1)
    two = Ran(tmp_path, ALL, pages, 2)
    assert ran.text == two.text
    assert ran.errors == two.errors
    assert [line["page"] for line in ran.lines] == [f"p{number}" for number in range(150)]
    assert ran.errors[0].startswith(f"{ran.pages}:79: ")


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 100_000)
    huge = page_line(2, None, html="x" * 250_000)
    ran = Ran(tmp_path, ALL, [page_line(1, 3), huge, page_line(3, None)])
    assert ran.status == 2
    assert [line["page"] for line in ran.lines] == ["p1", "p3"]
    assert ran.errors == [f"{ran.pages}:2: longer than 100000 bytes, expected one JSON object a line"]


def test_huge_and_hostile_pages_are_judged_like_others(tmp_path: Path) -> None:
    sample = KNOWN[13]
    copy = page_html(sample.title, paragraphs(sample.paragraphs))
    pages = [
        page_line(1, None, html=copy.replace("</body>", "<p>x</p>" * 300_000)),
        page_line(2, None, html="\0" + copy),
        page_line(3, None, html="<div>" * 100_000),
        page_line(4, None, html=""),
    ]
    ran = Ran(tmp_path, ALL, pages)
    assert ran.status == 0
    assert [(line["page"], line["bulletin"]) for line in ran.lines] == [
        ("p1", "b13"),
        ("p2", "b13"),
        ("p3", None),
        ("p4", None),
    ]


def test_empty_files_and_a_last_line_without_an_end_are_fine(tmp_path: Path) -> None:
    assert Ran(tmp_path, [], []).lines == []
    nobody = Ran(tmp_path, [], [page_line(1, 3)])
    assert [line["bulletin"] for line in nobody.lines] == [None]
    nobody.pages.write_bytes(b"\xef\xbb\xbf" + json.dumps(page_line(1, 3)).encode())
    out = io.StringIO()
    assert check_files(nobody.bulletins, nobody.pages, out, io.StringIO(), 1, []) == 0
    assert json.loads(out.getvalue())["page"] == "p1"


@pytest.mark.parametrize("workers", [1, 2])
def test_memory_does_not_grow_with_the_number_of_pages(tmp_path: Path, workers: int) -> None:
    def peak(count: int) -> int:
        page = page_line(1, None, html=f"<!--{'x' * 200_000}-->")
        with (tmp_path / "P.jsonl").open("wb") as file:
            for _ in range(count):
                file.write(_as_line(page))
        (tmp_path / "B.jsonl").write_bytes(_as_line(bulletin_line(1)))
        tracemalloc.start()
        with (tmp_path / "V.jsonl").open("w") as out:
            check_files(tmp_path / "B.jsonl", tmp_path / "P.jsonl", out, io.StringIO(), workers, [])
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(2)
    few = 100 * workers  # more than are in flight
    assert peak(4 * few) < 1.5 * peak(few)


@pytest.mark.parametrize("workers", [1, 2])
def test_bulletins_and_pages_may_come_from_pipes(tmp_path: Path, workers: int) -> None:
    pages = [page_line(number, 4 if number % 2 else None) for number in range(70)]
    written = {"B": [*ALL, "{bad"], "P": pages}
    writers: list[subprocess.Popen[bytes]] = []
    for name, lines in written.items():
        os.mkfifo(tmp_path / name)
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(map(_as_line, lines)))
        # By another process: judging processes would inherit a thread's end of the pipe and never close it.
        with (tmp_path / f"{name}.jsonl").open("rb") as source:
            writers.append(subprocess.Popen(["sh", "-c", f"cat > '{tmp_path / name}'"], stdin=source))
    out, err = io.StringIO(), io.StringIO()
    assert check_files(tmp_path / "B", tmp_path / "P", out, err, workers, [SourceName(OUR_NAME)]) == 2
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["page"], line["bulletin"]) for line in found] == [
        (f"p{number}", "b4" if number % 2 else None) for number in range(70)
    ]
    assert err.getvalue().startswith(f"{tmp_path / 'B'}:31: not JSON")
    assert [writer.wait(timeout=20) for writer in writers] == [0, 0]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_that_ends_its_process_costs_its_own_line_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    def die(html: str, url: str) -> HtmlPage:
        return os._exit(9) if "EVIL" in html else parse_page(html, url)

    monkeypatch.setattr(offline_check, "parse_page", die)
    pages = [page_line(number, 3) for number in range(100)]
    for number in (0, 41, 42):
        pages[number]["html"] = "EVIL"
    ran = Ran(tmp_path, ALL, pages, workers=workers)
    assert ran.status == 2
    lost = "the page takes too much time or memory, expected a page that can be read"
    assert ran.errors == [f"{ran.pages}:{number}: {lost}" for number in (1, 42, 43)]
    assert [row["page"] for row in ran.lines] == [f"p{n}" for n in range(100) if n not in (0, 41, 42)]


HEAVY = {
    "rules": f"<style>{''.join(f'*:not(.q{at}){{opacity:0}}' for at in range(12_000))}</style>{'<p>a</p>' * 5000}",
    "nested": f"<style>{':not(' * 3000}b{')' * 3000}{{opacity:0}}</style><p>a</p>",
}


@pytest.mark.parametrize("html", HEAVY.values(), ids=list(HEAVY))
def test_a_page_made_to_exhaust_its_reader_ends_within_seconds_and_the_others_are_judged(
    tmp_path: Path, html: str
) -> None:
    pages = [page_line(number, 3) for number in range(3)]
    pages[1]["html"] = html
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = Ran(tmp_path, ALL, pages, workers=1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 20
    judged = [row["page"] for row in ran.lines]
    assert judged in (["p0", "p2"], ["p0", "p1", "p2"])  # refused with its reason, or read after all
    assert [error for error in ran.errors if ":2: the page takes too much " not in error] == []
    assert len(judged) + len(ran.errors) == 3


def test_progress_is_reported_in_bytes_up_to_the_end_of_the_file(tmp_path: Path) -> None:
    pages = [page_line(number, None) for number in range(70)]
    size = sum(len(_as_line(page)) for page in pages)
    ran = Ran(tmp_path, ALL, pages)
    for workers in (1, 2):
        steps: list[int] = []
        check_files(ran.bulletins, ran.pages, io.StringIO(), io.StringIO(), workers, [], steps.append)
        assert len(steps) == 70
        assert sum(steps) == size


NOTICE = (
    "Tính đến ngày {0}/11, thành phố ghi nhận thêm {1} ca mắc mới, hiện còn {2} bệnh nhân đang điều trị tại {3} cơ sở. "
    "Các đội xung kích tiếp tục lật úp dụng cụ chứa nước, phun hóa chất theo lịch và hướng dẫn từng hộ ngủ màn."
)


def _notice(day: int, url: str = "") -> str:
    tail = f'<p>Nguồn: <a href="{url}">{OUR_NAME}</a></p>' if url else f"<p>Nguồn: {OUR_NAME}</p>"
    return page_html(
        "Tình hình dịch bệnh", f"<p>{NOTICE.format(day, 31 + day, 200 + 7 * day, 11 + day)}</p>", tail=tail
    )


def _days() -> list[dict[str, Any]]:
    return [
        {
            "id": f"d{day}", "title": f"Bản tin dịch bệnh ngày {day}/11", "url": f"https://tin.thudo.example/bulletins/d{day}",
            "text": NOTICE.format(day, 31 + day, 200 + 7 * day, 11 + day),
        }
        for day in range(1, 9)
    ]  # fmt: skip


def test_a_notice_of_a_day_that_is_not_in_the_file_is_no_bulletins_and_the_reason_says_why(tmp_path: Path) -> None:
    page = {"id": "p", "url": "https://tinvui.example/a.html", "html": _notice(23)}
    (line,) = Ran(tmp_path, _days(), [page]).lines
    assert (line["bulletin"], line["match"], line["attribution"]) == (None, "none", "none")
    assert line["reasons"][0].startswith("other_figures: ")


def test_a_copy_that_links_another_bulletin_says_so_and_is_not_said_to_link_the_home_page(tmp_path: Path) -> None:
    page = {"id": "p", "url": "https://tinvui.example/a.html"}
    page["html"] = _notice(5, "https://tin.thudo.example/bulletins/d3")
    (line,) = Ran(tmp_path, _days(), [page]).lines
    assert (line["bulletin"], line["match"], line["attribution"]) == ("d5", "full", "named_only")
    assert any(reason.startswith("linked_other: ") and "/d3" in reason for reason in line["reasons"])
    assert line["source_link"] is None


def _of_site(name: str, others: int, part: str, host: str = "tinvui.example") -> list[dict[str, object]]:
    """A copy of the fourth bulletin, and other pages of its host, all with a part."""

    def shown(ident: str, body: str) -> dict[str, object]:
        html = f"<body><article><h1>Tin</h1>{body}{part}</article></body>"
        return {"id": f"{name}{ident}", "url": f"https://{host}/{name}/{ident}", "html": html}

    copy = shown("copy", "".join(f"<p>{line}</p>" for line in KNOWN[4].paragraphs))
    rest = [shown(str(number), f"<p>{'Trang khác của phố. ' * 20} {number}</p>") for number in range(others)]
    return [*rest[:1], copy, *rest[1:]]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_all_pages_of_a_host_carry_is_no_source(tmp_path: Path, workers: int) -> None:
    credit = f"<p>{OUR_NAME}</p>"
    pages = [
        *_of_site("a", 3, credit, "mot.example"), *_of_site("b", 1, credit, "hai.example"),
        *_of_site("c", 3, credit, "m.ba.example"),
    ]  # fmt: skip
    ran = Ran(tmp_path, ALL, pages, workers)
    assert ran.status == 0
    found = {line["page"]: line for line in ran.lines}
    assert list(found) == [page["id"] for page in pages]
    assert {name: found[f"{name}copy"]["attribution"] for name in "abc"} == {
        "a": "none",
        "b": "named_only",
        "c": "none",
    }
    assert any(reason.startswith("template:") for reason in found["acopy"]["reasons"])
