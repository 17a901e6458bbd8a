"""Bulletins and pages made up for the tests: varied, in Vietnamese, and ours alone.

Everything follows from a seed. A sentence is put together from short phrases, so that two bulletins share turns of
phrase, as official texts do, but no long run of words unless a test asks for it.
"""

import random
from dataclasses import dataclass


def _phrases(text: str) -> list[str]:
    return text.split("|")


_UNITS = _phrases(
    "Ban chỉ đạo|Trung tâm y tế|Đội quản lý|Tổ công nghệ|Ủy ban|Phòng kinh tế|Nhóm tình nguyện|Ban quản lý chợ|Công an|"
    "Hội người cao tuổi|Trường tiểu học|Đơn vị thoát nước|Xí nghiệp cây xanh|Văn phòng một cửa|Liên đoàn lao động|"
    "Chi cục thủy lợi|Đội cứu hộ|Trạm khuyến nông|Hợp tác xã|Cảng vụ|Câu lạc bộ|Thư viện|Tổ dân phố|Đoàn kiểm tra"
)
_NAMES = _phrases(
    "Bãi Sậy|Cầu Mới|Đồng Lúa|Gò Dâu|Hồ Sen|Khe Đá|Làng Gốm|Mai Trang|Núi Thấp|Ô Cũ|Phố Nghề|Quán Gió|Rừng Thông|"
    "Sông Con|Tân Lập|Vân Hà|Xóm Chài|Yên Thịnh|Bến Đò|Chợ Hoa|Đê Hữu|Ga Nam|Hạ Trì|Kim Liễu"
)
_WHEN = _phrases(
    "sáng thứ hai|chiều qua|từ đầu tháng|trong tuần này|đến hết quý ba|sau cơn mưa|trước giờ cao điểm|mỗi cuối tuần|"
    "suốt mười ngày tới|kể từ ngày mai|dịp khai giảng|khi nước rút|đúng kế hoạch|sớm hơn dự kiến|nửa đêm về sáng|"
    "giữa mùa khô|hôm rằm|ngay trong ngày|qua ba đợt|hằng quý"
)
_HOW = _phrases(
    "lặng lẽ|khẩn trương|lần lượt|cùng nhau|một lần nữa|bất ngờ|dần dần|chủ động|tự nguyện|bền bỉ|sát sao|đồng loạt|"
    "kịp thời|cẩn thận|công khai|thường xuyên|tạm thời|vừa mới|sắp sửa|quyết tâm"
)
_DOES = _phrases(
    "rà soát|phun khử khuẩn|lắp đặt|tập huấn về|tiếp nhận|phân luồng quanh|cấp phát|thay mới|kiểm tra|vận hành thử|"
    "nạo vét|số hóa|trồng dặm|ký cam kết giữ|khảo sát|sử dụng lại|hướng dẫn chăm|thu gom|gia cố|niêm phong|sơn lại|"
    "di dời|quảng bá|bàn giao|đo đạc|chống thấm cho"
)
_THINGS = _phrases(
    "camera giao thông|bể chứa|hồ sơ đất|túi thuốc|tuyến kênh|điểm tiêm|đèn đường|sổ học bạ|bãi tập kết|cầu tạm|"
    "bảng giá|đàn gia cầm|mạng cáp|nhà vệ sinh|vỉa hè|bình chữa cháy|giếng khoan|lớp xóa mù số|kho lương thực|vườn ươm|"
    "cột thu lôi|xe đạp chung|máy bơm|tủ sách|mái che"
)
_LIKE = _phrases(
    "cũ nhất|bằng thép|đời mới|quá hạn|bỏ hoang|dự trữ|lưu động|tiết kiệm điện|chưa nghiệm thu|đang xuống cấp|"
    "do dân góp|mượn tạm|theo chuẩn xanh|cỡ lớn|bị ngập|mới kiểm định|loại hai tầng|có mái vòm|không dây|thân thiện|"
    "đã niêm yết|vừa phục chế|chạy năng lượng mặt trời|cần thay"
)
_SPOTS = _phrases(
    "dọc bờ|ở bảy ngõ|quanh hồ|tại bến xe|trong khu tập thể|trên trục phố|gần ga|thuộc xã|nơi cửa ngõ|bên đình làng|"
    "cạnh xưởng|sau chợ|giữa hai cầu|dưới chân đồi|ngoài vành đai|trước cổng trường|phía đông bãi|khắp thôn|cuối dốc|"
    "ven đầm"
)
_AIMS = _phrases(
    "để giảm|nhằm chặn|giúp bớt|vì lo|phòng khi|hướng tới hết|theo đơn về|tránh|chuẩn bị đối phó|rút ngắn|"
    "xử lý dứt điểm|giảm một nửa|kiểm soát|theo dõi kỹ|cảnh báo sớm"
)
_ILLS = _phrases(
    "ngập cục bộ|sốt xuất huyết|ùn tắc kéo dài|giá cả leo thang|cháy lan|mất điện diện rộng|rác tồn đọng|"
    "thời gian chờ|nắng nóng gay gắt|thiếu nước sạch|lừa đảo qua mạng|bụi mịn|sạt lở|hàng giả|tiếng ồn ban đêm|"
    "cảnh đi lại nhiều lần|học sinh bỏ học|cúm mùa|lấn chiếm lòng đường|nợ đọng hồ sơ"
)
_AND = _phrases(
    "Bước đầu|Song song đó|Cùng thời điểm|Ngoài ra|Đáng chú ý|Tiếp theo|Về lâu dài|Trước mắt|Riêng khu này|"
    "Một thay đổi khác|Qua thống kê|Nhờ vậy"
)
_COUNT = _phrases("người dân|hộ gia đình|lượt hồ sơ|mét khối bùn|suất quà|cán bộ cơ sở|phương tiện|học sinh lớp một")

OUR_NAME = "Sở Thông tin thành phố"
OUR_HOST = "tin.thudo.example"


@dataclass(frozen=True)
class Sample:
    """A made-up bulletin."""

    id: str
    title: str
    lead: str
    sentences: tuple[str, ...]

    @property
    def paragraphs(self) -> list[str]:
        """The body's paragraphs, three sentences each."""
        return [" ".join(self.sentences[at : at + 3]) for at in range(0, len(self.sentences), 3)]

    @property
    def text(self) -> str:
        """The body."""
        return "\n".join(self.paragraphs)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{OUR_HOST}/bulletins/{self.id}"


def _who(dice: random.Random) -> str:
    return f"{dice.choice(_UNITS)} {dice.choice(_NAMES)}"


def _does(dice: random.Random) -> str:
    return f"{dice.choice(_HOW)} {dice.choice(_DOES)} {dice.choice(_THINGS)} {dice.choice(_LIKE)}"


def _where(dice: random.Random) -> str:
    return f"{dice.choice(_SPOTS)} {dice.choice(_NAMES)}"


def _why(dice: random.Random) -> str:
    return f"{dice.choice(_AIMS)} {dice.choice(_ILLS)}"


def sentence(dice: random.Random) -> str:
    """One sentence of about thirty words with a number in it."""
    number = f"{dice.randint(2, 980)}.{dice.randint(100, 999)} {dice.choice(_COUNT)}"
    when, link = dice.choice(_WHEN), dice.choice(_AND)
    forms = (
        f"{link}, {_who(dice)} {_does(dice)} {_where(dice)} {_why(dice)}, với {number}.",
        f"{when.capitalize()}, {_who(dice)} {_does(dice)} cho {number} {_where(dice)}, rồi {_does(dice)}.",
        f"{_who(dice)} {_where(dice)} {_does(dice)} {when}; {number} {_does(dice)} {_why(dice)}.",
        f"{link}, {number} {_where(dice)} cùng {_who(dice)} {_does(dice)} {when} {_why(dice)}.",
    )
    return dice.choice(forms)


def bulletin(seed: int, sentences: int = 15) -> Sample:
    """Bulletin number ``seed``: a headline, a lead of a sentence and a half, and a body."""
    dice = random.Random(f"bulletin {seed}")
    title = f"{_who(dice)} {_does(dice)} {_where(dice)}"
    lead = f"{sentence(dice)[:-1]}; việc này {_why(dice)}."
    return Sample(f"b{seed}", title, lead, tuple(sentence(dice) for _ in range(sentences)))


def series(seed: int, days: int, sentences: int = 16) -> list[Sample]:
    """One bulletin a day on one template: three of four sentences are the same every day but for their numbers."""
    base = bulletin(seed, sentences)
    made = []
    for day in range(days):
        dice = random.Random(f"series {seed} {day}")
        body = tuple(
            sentence(dice) if place % 4 == 3 else _other_numbers(text, dice) if place % 4 == 1 else text
            for place, text in enumerate(base.sentences)
        )
        made.append(Sample(f"s{seed}-{day}", f"{base.title} ngày {day + 1}", _other_numbers(base.lead, dice), body))
    return made


def _other_numbers(text: str, dice: random.Random) -> str:
    return " ".join(
        f"{dice.randint(2, 980)}.{dice.randint(100, 999)}" if word[:1].isdigit() else word for word in text.split()
    )


def swapped(text: str, share: float, dice: random.Random) -> str:
    """The text with a share of its words replaced by others."""
    others = " ".join(_THINGS + _LIKE + _NAMES + _ILLS).split()
    return " ".join(dice.choice(others) if dice.random() < share else word for word in text.split(" "))


def wire(seed: int, sentences: int = 18) -> str:
    """An article of somebody else's."""
    dice = random.Random(f"wire {seed}")
    return "\n".join(sentence(dice) for _ in range(sentences))


def paragraphs(texts: list[str]) -> str:
    """``<p>`` for each."""
    return "\n".join(f"<p>{text}</p>" for text in texts)


def page_html(
    headline: str,
    body: str,
    *,
    tail: str = "",
    teasers: list[Sample] | None = None,
    style: str = "article",
    head: str = "",
    byline: str = "",
) -> str:
    """A whole page around an article. ``body`` and ``tail`` are HTML; ``teasers`` fill the boxes beside it.

    ``style``: ``article`` (article tag), ``divs`` (nothing but divs), ``table`` (one cell with line breaks), ``boxed``
    (related boxes inside the article), ``amp``.
    """
    items = "\n".join(
        f'<div class="item-news"><h3><a href="/bai-{sample.id}.html">{sample.title}</a></h3>'
        f'<p class="sapo">{sample.lead}</p></div>'
        for sample in teasers or []
    )
    menu = "".join(
        f'<li><a href="/muc-{name}">{name}</a></li>' for name in ("Thời sự", "Đời sống", "Kinh tế", "Giáo dục")
    )
    foot = (
        '<div class="footer"><p>Trang thông tin điện tử tổng hợp Tin Vui. Giấy phép số 00/GP.</p>'
        '<p>Liên kết: <a href="https://tin.thudo.example/">Cổng của thành phố</a></p></div>'
    )
    boxes = f'<div class="box-tin-lien-quan"><h4>Tin liên quan</h4>{items}</div>' if items else ""
    if style == "article":
        middle = f'<main><article><h1>{headline}</h1>{byline}<div class="content">{body}</div>{tail}</article></main>'
        middle += f"<aside>{items}</aside>"
    elif style == "divs":
        middle = (
            f'<div class="wrap"><div class="col1"><h1>{headline}</h1>{byline}<div class="txt">{body}</div>{tail}</div>'
            f'<div class="sidebar">{items}</div></div>'
        )
    elif style == "table":
        lines = body.replace("<p>", "").replace("</p>", "<br><br>")
        middle = (
            f'<table width="100%"><tr><td><h1>{headline}</h1>{byline}{lines}{tail}</td></tr></table>'
            f'<table class="related"><tr><td>{items}</td></tr></table>'
        )
    elif style == "boxed":
        half = body.find("</p>", len(body) // 2) + 4
        middle = (
            f"<article><h1>{headline}</h1>{byline}<div>{body[:half]}{boxes}{body[half:]}</div>{tail}{boxes}</article>"
        )
    else:
        middle = (
            f'<amp-layout><article class="amp"><h1>{headline}</h1>{byline}{body}{tail}</article></amp-layout>{boxes}'
        )
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{headline} - Tin Vui</title>{head}'
        f"<script>var trang = {{}};</script></head><body><nav><ul>{menu}</ul></nav>{middle}{foot}</body></html>"
    )


STYLES = ("article", "divs", "table", "boxed", "amp")
