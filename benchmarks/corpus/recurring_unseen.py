"""A second set of pages with recurring notices, written when the rules were finished: nothing was set by it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from benchmarks.corpus.recurring import NumberStyle, Template
from benchmarks.corpus.recurring_cases import NoticeCase, address, dated, page_of, shown_on, source

FLOOD = Template(
    "lu",
    "Bản tin lũ trên sông Đáy lúc 13 giờ ngày <d>",
    "",
    (
        "Lũ trên sông Đáy đang xuống chậm. Lúc 13 giờ ngày <d>, mực nước tại Ba Thá là [310-590/10] m, dưới báo động hai "
        "[21-88] cm; tại Cầu Gừng [180-299/10] m. Dự báo đến sáng mai nước tiếp tục xuống, mỗi giờ [2-9] cm.",
        "Cấp độ rủi ro thiên tai do lũ: cấp 1. Cảnh báo nguy cơ sạt lở bờ bãi tại các xã dọc sông; người chăn vịt không lùa "
        "đàn ra bãi khi nước chưa rút hết.",
    ),
)
POWER = Template(
    "dien",
    "Lịch tạm ngừng cung cấp điện",
    "",
    (
        "Công ty Điện lực thông báo lịch tạm ngừng cung cấp điện để bảo dưỡng lưới. Từ [5-8] giờ đến [14-17] giờ ngày <d+1>, mất "
        "điện khu vực trạm biến áp Đồng Mít và một phần tổ dân phố [2-19]. Khi công việc hoàn thành sớm, điện được đóng lại mà "
        "không báo trước; khách hàng coi lưới điện luôn có điện để bảo đảm an toàn.",
    ),
)
HOSPITAL = Template(
    "vien",
    "Bệnh viện Đa khoa Bờ Hồ thông tin khám, chữa bệnh ngày <d>",
    "Khoa Cấp cứu nhận người bệnh suốt ngày đêm.",
    (
        "Trong ngày <d>, Bệnh viện Đa khoa Bờ Hồ tiếp nhận [1100-2900] lượt khám, [102-390] người bệnh nhập viện, [41-98] ca "
        "phẫu thuật, trong đó [11-39] ca cấp cứu do tai nạn sinh hoạt. Công suất sử dụng giường bệnh đạt [71-98]%.",
        "Bệnh viện nhắc người bệnh đặt lịch qua ứng dụng, mang theo thẻ bảo hiểm và đến trước giờ hẹn mười lăm phút. Người nhà chỉ "
        "vào thăm trong giờ quy định để giữ yên tĩnh và phòng lây nhiễm chéo.",
    ),
)
LIBRARY = Template(
    "sach",
    "Chương trình đọc sách cuối tuần ở Thư viện thành phố",
    "Vào cửa tự do, trẻ dưới mười tuổi đi cùng người lớn.",
    (
        "Thư viện thành phố tổ chức chương trình đọc sách cho thiếu nhi tại phòng đọc tầng hai. Thủ thư kể chuyện theo tranh, sau "
        "đó các em vẽ lại nhân vật mình thích và mượn sách về nhà trong hai tuần.",
        "Phụ huynh làm thẻ cho con tại quầy, mang theo giấy khai sinh bản chụp. Thư viện nhận sách tặng còn nguyên bìa, ưu tiên "
        "truyện tranh khoa học và sách song ngữ.",
    ),
    step=7,
)
WASTE = Template(
    "rac",
    "Đổi rác lấy cây xanh",
    "",
    (
        "Các phường tổ chức đổi rác tái chế lấy cây xanh tại nhà văn hóa. Mỗi năm vỏ hộp giấy, lon hoặc chai nhựa đã rửa sạch đổi "
        "được một chậu cây nhỏ; pin cũ được thu riêng và chuyển về nơi xử lý. Tình nguyện viên hướng dẫn cách phân loại tại nguồn "
        "cho từng hộ, nhất là các hộ kinh doanh ăn uống quanh chợ.",
    ),
    step=7,
)
FIRE = Template(
    "chay",
    "Tình hình cháy, nổ tuần <w>",
    "",
    (
        "Theo Phòng Cảnh sát phòng cháy, trong tuần đến ngày <d> trên địa bàn xảy ra [3-9] vụ cháy, làm hư hỏng tài sản ước "
        "[120-980] triệu đồng, không có thiệt hại về người. Lực lượng chức năng kiểm tra [210-890] cơ sở, xử phạt [12-48] trường "
        "hợp, tuyên truyền tới [2100-8900] hộ dân ở các ngõ sâu. Nguyên nhân chủ yếu là sự cố thiết bị điện.",
    ),
    step=7,
)
STOCKED = 6
_SERIES = (FLOOD, POWER, HOSPITAL, FIRE)


def _ids(template: Template, *numbers: int) -> frozenset[str]:
    return frozenset(f"{template.name}-{number}" for number in numbers)


def _day_and_none() -> Iterator[NoticeCase]:
    for at, template in enumerate(_SERIES):
        known = template.known(STOCKED)
        yield NoticeCase("right day", template.name, known, page_of(template, 1, source()), _ids(template, 1))
        tail = source(f"{template.name}-5") if at % 2 else ""
        yield NoticeCase(
            "no day of ours", f"{template.name}, six kept", known, page_of(template, 25, tail), frozenset()
        )
        yield NoticeCase(
            "no day of ours", f"{template.name}, one kept", known[2:3], page_of(template, 33, source()), frozenset()
        )
        shouting = page_of(template, 3, source())
        shouting = replace(shouting, title=shouting.title.upper(), body=[text.upper() for text in shouting.body])
        yield NoticeCase("right day", f"{template.name}, in capitals", known, shouting, _ids(template, 3))


def _changed() -> Iterator[NoticeCase]:
    for template, slots in ((FLOOD, {1}), (HOSPITAL, {1}), (HOSPITAL, {2, 3}), (FIRE, {2}), (POWER, {3})):
        for known in (template.known(STOCKED), template.known(3)[2:]):
            article = page_of(template, 2, source(f"{template.name}-2"), other=frozenset(slots))
            yield NoticeCase(
                "one number updated", f"{template.name} {sorted(slots)}, {len(known)} kept", known, article,
                _ids(template, 2),
            )  # fmt: skip
    styles = (
        NumberStyle(group=" ", day="{d}-{m}"),
        NumberStyle(group="", day="{d}/{m}/{y}", percent=" phần trăm"),
        NumberStyle(words=True, day="{d} tháng {m} năm {y}"),
        NumberStyle(group=",", decimal="."),
    )
    for style, name in zip(styles, ("spaces", "nothing", "words", "commas"), strict=True):
        for template in (HOSPITAL, FIRE):
            yield NoticeCase(
                "numbers written otherwise", f"{template.name}, {name}", template.known(STOCKED),
                page_of(template, 4, source(), style), _ids(template, 4),
            )  # fmt: skip


def _together() -> Iterator[NoticeCase]:
    def both(*pages: tuple[Template, int]) -> NoticeCase:
        articles = [page_of(template, number, "") for template, number in pages]
        lines = [line for one in articles for line in (f"<h2>{one.title}</h2>", one.lead, *one.body) if line]
        known = tuple({one.id: one for template, _ in pages for one in template.known(STOCKED)}.values())
        article = replace(articles[0], title="Thông báo trong ngày", lead="", body=lines, tail=source())
        counted = frozenset(f"{template.name}-{number}" for template, number in pages)
        return NoticeCase("two or more on one page", ", ".join(sorted(counted)), known, article, counted)

    yield both((POWER, 0), (POWER, 1))
    yield both((FLOOD, 3), (FLOOD, 4))
    yield both((HOSPITAL, 1), (HOSPITAL, 5))
    yield both((FIRE, 2), (FIRE, 3))
    yield both((POWER, 2), (FLOOD, 2))
    yield both((HOSPITAL, 0), (FIRE, 0))
    yield both((POWER, 1), (POWER, 3), (FIRE, 1))
    yield both((POWER, 4), (FLOOD, 4), (HOSPITAL, 4), (FIRE, 4))


def _linked() -> Iterator[NoticeCase]:
    for template in (LIBRARY, WASTE):
        known = template.known(5)
        for number in (1, 3):
            article = page_of(template, 4, source(f"{template.name}-{number}"))
            yield NoticeCase(
                "one body: the link decides", f"{template.name} {number}", known, article, _ids(template, number), "",
                frozenset({"linked_at_end"}),
            )  # fmt: skip
            opened = replace(
                article, tail="", byline=f'<p>Theo <a href="{address(f"{template.name}-{number}")}">cổng</a></p>'
            )
            yield NoticeCase(
                "one body: the link decides", f"{template.name} {number}, above the text", known, opened,
                _ids(template, number),
            )  # fmt: skip
            late = template.day(number) + timedelta(days=6)
            article = replace(page_of(template, 0, source()), byline=shown_on(late, 20), head=dated(late, 20))
            yield NoticeCase(
                "one body: the day decides", f"{template.name} {number}", known, article, _ids(template, number)
            )
    for template in _SERIES:
        article = page_of(template, 5, source(f"{template.name}-0"))
        yield NoticeCase(
            "links another of ours", template.name, template.known(STOCKED), article, _ids(template, 5), "linked_other",
            frozenset({"named_only"}),
        )  # fmt: skip
    article = replace(page_of(FIRE, 5, ""), tail=f'<p>Xem thêm: <a href="{address("chay-4")}.html">tuần trước</a></p>')
    yield NoticeCase(
        "links another of ours", "the week before, to read on", FIRE.known(STOCKED), article, _ids(FIRE, 5),
        "linked_other", frozenset({"none"}),
    )  # fmt: skip


def cases() -> Sequence[NoticeCase]:
    """All, in the order of the table."""
    return [case for made in (_day_and_none, _changed, _together, _linked) for case in made()]
