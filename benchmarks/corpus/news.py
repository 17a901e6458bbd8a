"""Texts of city news put together from sentences written for this project (``sentences``).

Blanks are filled with invented names, places, days and numbers, so that of the runs of six words of a thousand texts
nearly all stand in one text alone, as in real news. Every third text has openings, appeals or endings that others have
word by word; how often each is used falls as in real prose, the commonest in one text of thirty.
"""

import random
import re

from benchmarks.corpus.bulletins import Bulletin
from benchmarks.corpus.sentences import FORMULAS, SITE_LINES, TOPICS

FORMULA_SHARE = 0.35  # of the texts have formulas, one or two of them

_FIRST = (
    "An",
    "Bến",
    "Cầu",
    "Chợ",
    "Cửa",
    "Đầm",
    "Đình",
    "Đông",
    "Đồng",
    "Đống",
    "Gạch",
    "Giếng",
    "Gò",
    "Hàng",
    "Hạ",
    "Hồ",
    "Kênh",
    "Khe",
    "Kim",
    "La",
    "Lạc",
    "Làng",
    "Long",
    "Lũng",
    "Mai",
    "Mỹ",
    "Nam",
    "Nghĩa",
    "Ngọc",
    "Núi",
    "Phố",
    "Phú",
    "Phước",
    "Quán",
    "Quang",
    "Rạch",
    "Rừng",
    "Sen",
    "Sông",
    "Sơn",
    "Tân",
    "Tây",
    "Thanh",
    "Thạch",
    "Thiên",
    "Thuận",
    "Thượng",
    "Trại",
    "Trung",
    "Vạn",
    "Vân",
    "Vĩnh",
    "Xóm",
    "Xuân",
    "Yên",
)
_SECOND = (
    "Ấp",
    "Bình",
    "Bông",
    "Bưởi",
    "Cát",
    "Chài",
    "Cau",
    "Chanh",
    "Cói",
    "Cừ",
    "Dâu",
    "Dừa",
    "Đá",
    "Đào",
    "Đậu",
    "Đước",
    "Gấm",
    "Gạo",
    "Gốm",
    "Hạc",
    "Hến",
    "Hòe",
    "Hồng",
    "Lau",
    "Lim",
    "Lúa",
    "Mận",
    "Mây",
    "Mía",
    "Mít",
    "Ngải",
    "Nhài",
    "Nghệ",
    "Ổi",
    "Quế",
    "Rươi",
    "Sả",
    "Sậy",
    "Sim",
    "Sồi",
    "Sú",
    "Tằm",
    "Tép",
    "Thị",
    "Thông",
    "Thốt",
    "Tràm",
    "Trắc",
    "Trám",
    "Trầu",
    "Tre",
    "Trúc",
    "Vải",
    "Vàng",
    "Vẹt",
    "Vôi",
    "Vông",
    "Xoan",
    "Xoài",
)
_KINDS = ("phường", "xã", "thị trấn", "khu phố", "chợ", "bến")
_FAMILY = (
    "Trần",
    "Lê",
    "Đỗ",
    "Phạm",
    "Vũ",
    "Ngô",
    "Hồ",
    "Đặng",
    "Bùi",
    "Dương",
    "Lý",
    "Tạ",
    "Châu",
    "Mạc",
    "Đinh",
    "Phan",
    "Cao",
    "Hà",
    "Tô",
    "Từ",
    "Kiều",
    "Lưu",
)
_MIDDLE = (
    "Văn",
    "Thị",
    "Quang",
    "Hồng",
    "Đình",
    "Bích",
    "Sĩ",
    "Thu",
    "Công",
    "Mỹ",
    "Hữu",
    "Kim",
    "Nhật",
    "Thanh",
    "Khắc",
    "Minh",
    "Gia",
    "Đức",
    "Ngọc",
    "Thế",
)
_GIVEN = (
    "Mẫu",
    "Thí",
    "Ví",
    "Dụ",
    "Giả",
    "Lệ",
    "Thử",
    "Nháp",
    "Phỏng",
    "Chừng",
    "Đoán",
    "Ước",
    "Lường",
    "Ngỡ",
    "Tạm",
    "Bày",
    "Kê",
    "Mường",
    "Tượng",
    "Phác",
    "Thảo",
    "Dựng",
    "Đặt",
    "Gợi",
    "Chép",
    "Bịa",
    "Soạn",
    "Phiếm",
)
_ROLES = (
    "Phó Chủ tịch thành phố",
    "Giám đốc Sở Công Thương",
    "Chánh Văn phòng",
    "Phó Giám đốc Sở Xây dựng",
    "Trưởng ban Đô thị",
    "Bí thư Đảng ủy",
    "Chủ tịch phường",
    "Trưởng phòng Nghiệp vụ",
    "Phó Trưởng ban Kinh tế",
    "Chủ tịch Hội đồng trường",
)
_OFFICES = (
    "Sở Xây dựng",
    "Sở Y tế",
    "Chi cục Thủy lợi",
    "Đội Quản lý thị trường",
    "Ban Quản lý dự án",
    "Trung tâm Kiểm nghiệm",
    "Hội Chữ thập đỏ",
    "Phòng Giáo dục",
    "Thanh tra thành phố",
    "Trạm Khuyến nông",
    "Công ty Thoát nước",
    "Đoàn Thanh niên",
)
_UNITS = ("triệu đồng", "tỷ đồng", "nghìn đồng")

_CHOICE = re.compile(r"\[([^\]]*)\]")
_BLANK = re.compile(r"\{(\w+)\}")
_USES = [1 / (rank + 1) for rank in range(len(FORMULAS))]
_STRETCH = 3  # words without a blank, behind which a remark with one is put in
_FORMULA_STRETCH = 20  # the same in a formula
_REMARKS = ("(ở {p})", "(theo {x})", "({n} người)", "({m})", "(ngày {d})", "- nay là {p} -", "(do {x} ghi)", "({c})")


def _place(dice: random.Random) -> str:
    return f"{dice.choice(_KINDS)} {dice.choice(_FIRST)} {dice.choice(_SECOND)}"


def _name(dice: random.Random) -> str:
    return f"{dice.choice(_FAMILY)} {dice.choice(_MIDDLE)} {dice.choice(_GIVEN)}"


def _blank(dice: random.Random, name: str, site: str) -> str:
    match name:
        case "p" | "q":
            return _place(dice)
        case "x":
            return _name(dice)
        case "w":
            return f"{dice.choice(_ROLES)} {_name(dice)}"
        case "o":
            return f"{dice.choice(_OFFICES)} {_place(dice)}"
        case "d":
            return f"{dice.randint(1, 30)}/{dice.randint(1, 12)}/{dice.randint(2019, 2026)}"
        case "h":
            return f"{dice.randint(5, 22)} giờ {dice.randrange(60)}"
        case "n":
            return (
                str(dice.randint(11, 998)) if dice.random() < 0.6 else f"{dice.randint(1, 98)}.{dice.randint(100, 999)}"
            )
        case "k":
            return str(dice.randint(2, 99))
        case "c":
            return f"{dice.randint(11, 98)},{dice.randint(1, 9)}%"
        case "m":
            return f"{dice.randint(2, 980)},{dice.randint(1, 9)} {dice.choice(_UNITS)}"
        case "s":
            return f"{dice.randint(10, 980)}/KH-UBND"
        case _:
            return site


def _with_remarks(dice: random.Random, sentence: str, stretch: int) -> str:
    """The sentence with a remark behind each so many words without a blank."""
    words, since = [], 0
    for word in sentence.split():
        since = 0 if "{" in word else since + 1
        if since > stretch:
            words.append(dice.choice(_REMARKS))
            since = 1
        words.append(word)
    return " ".join(words)


def fill(dice: random.Random, sentence: str, site: str = "", *, stretch: int = 0) -> str:
    """The sentence with its choices made and its blanks filled; ``site``: the name of the site that prints it.
    ``stretch``: words without a blank, behind which a remark with a name or a number is put in; 0 for never."""
    chosen = _CHOICE.sub(lambda found: dice.choice(found[1].split("|")), sentence)
    if stretch:
        chosen = _with_remarks(dice, chosen, stretch)
    text = _BLANK.sub(lambda found: _blank(dice, found[1], site), chosen)
    return text[0].upper() + text[1:]


def site_lines(dice: random.Random, site: str) -> list[str]:
    """What a site's pages say of the site."""
    return [fill(dice, line, site) for line in SITE_LINES]


def article(ident: str, words: int) -> Bulletin:
    """A text of about so many words on one topic, by ``ident`` always the same. A third of its sentences are of other
    topics, since a newsroom's pieces run on."""
    dice = random.Random(f"news {ident}")  # made-up text, not a secret
    own = TOPICS[dice.choice(tuple(TOPICS))].splitlines()
    every = [line for lines in TOPICS.values() for line in lines.splitlines()]
    title = " ".join(fill(dice, dice.choice(own)).rstrip(".").split()[: dice.randint(9, 14)]).rstrip(",;")
    lead = fill(dice, dice.choice(own), stretch=_STRETCH)
    body: list[str] = []
    count = 0
    while count < words:
        body.append(fill(dice, dice.choice(own if dice.random() < 0.67 else every), stretch=_STRETCH))
        count += len(body[-1].split())
    if dice.random() < FORMULA_SHARE:
        for formula in dice.choices(FORMULAS, _USES, k=dice.randint(1, 2)):
            body[dice.randrange(len(body))] = fill(dice, formula, stretch=_FORMULA_STRETCH)
    paragraphs, at = [], 0
    while at < len(body):
        size = dice.randint(1, 4)
        paragraphs.append(tuple(body[at : at + size]))
        at += size
    return Bulletin(ident, title, lead, tuple(paragraphs))
