"""Our names as partners spell them, the words they put around them, and lines that only look like a source.

Each line is put on a page in several layouts. ``OFFICES`` are the names as an office lists them, some in full, some
abbreviated; no page below has to repeat one to the letter.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.corpus.styles import Article

OFFICES = (
    "Cổng Thông tin điện tử thành phố Hà Nội",
    "Sở Thông tin và Truyền thông TP. Hà Nội",
    "Sở VH&TT Hà Nội",
    "UBND quận Bến Đò",
    "Trung tâm Truyền thông thành phố Hồ Sen",
)
NAMED, OTHER, NOTHING = "named_only", "named_other_source", "none"

NAMED_LINES = (
    # One name in its spellings.
    "Theo Cổng TTĐT TP Hà Nội",
    "Theo Cổng TTĐT TP. Hà Nội",
    "Nguồn: Cổng TTĐT Tp. Hà Nội",
    "Nguồn: Cổng TTĐT Tp Hà Nội",
    "Nguồn: Cổng TTĐT thành phố Hà Nội",
    "Nguồn: Cổng Thông tin điện tử TP Hà Nội",
    "Nguồn: Cổng Thông tin điện tử Hà Nội",
    "Nguồn: CỔNG TTĐT TP.HÀ NỘI",
    "Nguồn: Cổng thông tin TP Hà Nội",
    "Nguồn: CTTĐT Hà Nội",
    "Nguồn: Cong TTDT TP Ha Noi",
    "Theo Sở Thông tin & Truyền thông Hà Nội",
    "Theo Sở TT&TT Hà Nội",
    "Theo Sở TT&TT TP Hà Nội",
    "Theo Sở TT-TT TP.Hà Nội",
    "Theo Sở TTTT Hà Nội",
    "Theo Sở TT và TT thành phố Hà Nội",
    "Nguồn: Sở Thông tin, Truyền thông Hà Nội",
    "Nguồn: Sở Văn hóa và Thể thao Hà Nội",
    "Nguồn: Sở Văn hoá & Thể thao TP. Hà Nội",
    "Nguồn: Sở VHTT Hà Nội",
    "Nguồn: Sở VH-TT thành phố Hà Nội",
    "Nguồn: Ủy ban nhân dân quận Bến Đò",
    "Nguồn: Uỷ ban Nhân dân Q. Bến Đò",
    "Nguồn: U.B.N.D Q. Bến Đò",
    "Nguồn: UBND Q.Bến Đò",
    "Theo UBND Quận Bến Đò",
    "Theo TTTT TP Hồ Sen",
    "Theo Trung tâm Truyền thông TP Hồ Sen",
    "Theo TT Truyền thông thành phố Hồ Sen",
    # Words around it.
    "*Theo Cổng TTĐT Hà Nội*",
    "(Theo Sở TT&TT Hà Nội)",
    "(Nguồn: Cổng TTĐT Hà Nội)",
    "Theo tin từ Cổng TTĐT Hà Nội",
    "Sưu tầm: Cổng TTĐT Hà Nội",
    "Theo thông tin từ Cổng TTĐT TP Hà Nội",
    "Theo nguồn tin của Sở TT&TT Hà Nội",
    "Theo nguồn tin Sở VH&TT Hà Nội",
    "Theo nguồn Cổng TTĐT TP. Hà Nội",
    "Theo trang Cổng TTĐT Hà Nội",
    "Theo Cổng TTĐT Hà Nội đưa tin",
    "Cổng TTĐT TP Hà Nội đưa tin.",
    "Sở TT&TT Hà Nội cho biết.",
    "Tin từ Cổng TTĐT Hà Nội",
    "Tin từ: Cổng TTĐT Hà Nội",
    "Thông tin từ UBND quận Bến Đò",
    "Ban Biên tập Cổng TTĐT Hà Nội",
    "BBT Cổng TTĐT TP Hà Nội",
    "Ban Biên tập: Cổng TTĐT Hà Nội",
    "Xuất bản lần đầu trên Cổng TTĐT Hà Nội",
    "Bài được đăng lần đầu tại Cổng TTĐT TP. Hà Nội",
    "Lần đầu đăng trên Cổng Thông tin điện tử Hà Nội",
    "Nguồn tin: Sở Văn hóa & Thể thao Hà Nội",
    "Nguồn tin từ Sở Văn hóa và Thể thao Hà Nội",
    "Nguồn tin Cổng TTĐT Hà Nội",
    "Nguồn：Cổng TTĐT TP Hà Nội",
    "（Theo Cổng TTĐT Hà Nội）",
    "Nguồn bài viết: Cổng TTĐT Hà Nội",
    "Nguồn - Cổng TTĐT Hà Nội",
    "Via Cổng TTĐT Hà Nội",
    "Via: Sở TT&TT Hà Nội",
    "Trích nguồn Cổng TTĐT Hà Nội",
    "Dẫn nguồn từ Sở TTTT TP Hà Nội",
    "Đăng lại từ Cổng TTĐT thành phố Hà Nội",
    "Minh Mẫu (Cổng TTĐT Hà Nội)",
    "Minh Mẫu/Cổng TTĐT TP Hà Nội",
    "Minh Mẫu - Sở TT&TT TP. Hà Nội",
    "Minh Mẫu (tổng hợp từ Sở VH&TT TP Hà Nội)",
    "Tin, ảnh: Cổng TTĐT Hà Nội",
    "Nguồn: Bản tin Sở TT&TT Hà Nội",
    "Nguồn: Báo Chiều Tối, Cổng TTĐT Hà Nội",
    "Nguồn: Cổng TTĐT Hà Nội, ngày 24/11/2026",
    "Nguồn: CổngTTĐT Hà Nội",
    "TheoCổng TTĐT Hà Nội",
    "Cổng TTĐT Tp. Hà Nội",
    "Sở TT & TT TP. Hà Nội",
    "Theo thông tin đăng tải trên Cổng TTĐT Hà Nội",
    "Tác giả: Cổng TTĐT Hà Nội",
    "Biên tập từ Cổng T.T.Đ.T T.P Hà Nội",
    "Nguồn tham khảo: Cổng TTĐT Hà Nội",
    "UBND quận Bến Đò thông tin",
    "Theo Báo Chiều Tối và Cổng TTĐT Hà Nội",
)
OTHER_LINES = (
    "Theo Báo Chiều Tối",
    "Nguồn: Đài Sông Con",
    "Theo tin từ Báo Chiều Tối",
    "Nguồn：Báo Chiều Tối",
    "Xuất bản lần đầu trên Báo Chiều Tối",
    "Theo báo Chiều Tối đưa tin",
    "Via Chiều Tối Online",
    "Nguồn: Cổng TTĐT tỉnh Hạ Trì",
    "Nguồn: Sở TT&TT tỉnh Hạ Trì",
    "Theo Cổng TTĐT Hà Nội Mới",
    "Nguồn: UBND quận Gò Dâu",
)
NOTHING_LINES = (
    "Via Appia là con đường cổ.",
    "Theo Hà, xe êm hơn trước.",
    "Thông tin từ 1/12: đường Hoa Lư cấm xe tải.",
    "Theo đuổi mục tiêu xanh",
    "Theo đuổi mục tiêu của Cổng TTĐT Hà Nội",
    "Theo dõi Tin Vui để cập nhật",
    "Theo dõi Cổng TTĐT Hà Nội trên mạng xã hội",
    "Theo quy định của UBND quận Bến Đò",
    "Theo kế hoạch của Sở TT&TT Hà Nội",
    "Theo ước tính ban đầu",
    "Theo đúng tiến độ",
    "Theo êkíp thi công",
    "Theo ông Trần Văn Mẫu cho biết",
    "Theo Chủ tịch phường Hạ Trì cho biết",
    "Ảnh: Cổng TTĐT Hà Nội",
    "Thông tin từ ông Trần Văn Mẫu",
    "Tin từ người dân",
    "Theo Kế hoạch số 174/KH-UBND",
    "Theo Điều 5 Luật Báo chí",
    "Bài: Minh Mẫu",
    "Tin, ảnh: Minh Mẫu",
    "Nguồn: Tổng hợp",
    # May be ours, may be not: nobody is accused.
    "Nguồn: Cổng TTĐT",
    "Theo Sở TT&TT",
    "Theo Cổng TTĐT thành phố",
    "Theo Cổng TTĐT UBND TP Hà Nội",
    "Nguồn: UBND TP Hà Nội",
    "Nguồn: Ban Biên tập",
)

Place = Callable[[Article, str], Article]


def _tail(template: str) -> Place:
    return lambda article, line: replace(article, tail=template.replace("{line}", line) + article.tail)


def _byline(article: Article, line: str) -> Article:
    return replace(article, byline=f'<div class="meta">{line}</div>{article.byline}')


def _last_words(article: Article, line: str) -> Article:
    return replace(article, body=[*article.body[:-1], f"{article.body[-1]}<br>{line}"])


_LINKS = "".join(
    f'<p><a href="/bai-{number}.html">{title}</a></p>'
    for number, title in enumerate(("Cầu tạm mở lại vào cuối tuần này", "Thư viện dời giờ mở cửa từ tháng sau"))
)
_LIST = "<ul>" + _LINKS.replace("<p>", "<li>").replace("</p>", "</li>") + "</ul>"

LAYOUTS: dict[str, Place] = {
    "paragraph": _tail("<p>{line}</p>"),
    "right-aligned": _tail('<div style="text-align:right"><strong><em>{line}</em></strong></div>'),
    "source box": _tail('<div class="source-note">{line}</div>'),
    "byline": _byline,
    "behind a line break": _last_words,
    "behind links": _tail(_LINKS + "<p>{line}</p>"),
    "behind a list of links": _tail(f"<p><b>Xem thêm</b></p>{_LIST}<p>{{line}}</p>"),
}


def broken(line: str) -> str:
    """The line with its last two words behind a line break."""
    *before, one, two = line.split(" ")
    return f"{' '.join(before)}<br>{one} {two}"


def in_spans(line: str) -> str:
    """The line with the name's first word and the rest in elements without a space between."""
    for word in ("Cổng ", "Sở "):
        if word in line:
            at = line.index(word) + len(word)
            return f"<span>{line[: at - 1]}</span><span>{line[at:]}</span>"
    return line


def linked(line: str) -> str:
    """The line with the name as a link to a front page that is not ours."""
    at = min((line.index(word) for word in ("Cổng", "Sở", "UBND", "TTTT") if word in line), default=len(line))
    return f'{line[:at]}<a href="https://cong.example/">{line[at:]}</a>' if at < len(line) else line


FORMS: dict[str, Callable[[str], str]] = {"broken": broken, "in spans": in_spans, "linked": linked}


@dataclass(frozen=True)
class Spelling:
    """A line in a layout, and the verdict it must get."""

    line: str
    layout: str
    expected: str
    place: Place

    def on(self, article: Article) -> Article:
        """The article with this line on it."""
        return self.place(article, self.line)


def _spellings() -> tuple[Spelling, ...]:
    made = []
    for expected, lines in ((NAMED, NAMED_LINES), (OTHER, OTHER_LINES), (NOTHING, NOTHING_LINES)):
        for line in lines:
            made += [Spelling(line, layout, expected, place) for layout, place in LAYOUTS.items()]
            if expected == NAMED:
                made += [
                    Spelling(form(line), name, expected, LAYOUTS["paragraph"])
                    for name, form in FORMS.items()
                    if form(line) != line
                ]
    logos = (f'<p><a href="https://cong.example/"><img src="logo.png" alt="{alt}"></a></p>' for alt in (
        "Cổng TTĐT TP Hà Nội", "Logo Sở TT&amp;TT Hà Nội", "Nguồn: UBND Q. Bến Đò",
    ))  # fmt: skip
    made += [Spelling(logo, "logo", NAMED, _tail("{line}")) for logo in logos]
    return tuple(made)


SPELLINGS = _spellings()
