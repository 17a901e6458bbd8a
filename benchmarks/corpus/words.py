"""Sentences of official Vietnamese, put together from a topic's phrases, places, people, days and numbers.

Two texts share formulas ("Theo đó,", "Phát biểu tại buổi làm việc,"), as real ones do, and no long run of words.
"""

import random
from collections.abc import Callable

from benchmarks.corpus.topics import Topic


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


PLACES = _split(
    "phường Bãi Sậy|xã Đồng Lúa|quận Mai Trang|huyện Núi Thấp|phường Phố Nghề|xã Quán Gió|thị trấn Rừng Thông|xã Sông Con"
    "|phường Tân Lập Đông|xã Vân Hà Thượng|phường Xóm Chài|quận Yên Thịnh|xã Bến Đò Cũ|phường Chợ Hoa|xã Đê Hữu|phường Ga Nam"
    "|xã Hạ Trì|huyện Kim Liễu|phường Gò Dâu Nhỏ|xã Khe Đá|phường Làng Gốm|xã Ô Cũ|phường Hồ Sen Trắng|xã Cầu Mới"
    "|phường Đống Cát|xã Lũng Trầu|phường Giếng Ngọc|xã Ao Vua Nhỏ|quận Thạch Lâm|huyện Cửa Đầm"
)
_PEOPLE = _split(
    "ông Trần Văn Mẫu|bà Lê Thị Thí|ông Đỗ Quang Ví|bà Phạm Hồng Dụ|ông Vũ Đình Giả|bà Ngô Bích Lệ|ông Hồ Sĩ Thử|bà Đặng Thu Nháp"
    "|ông Bùi Công Phỏng|bà Dương Mỹ Chừng|ông Lý Hữu Đoán|bà Tạ Kim Ước|ông Châu Nhật Lường|bà Mạc Thanh Ngỡ"
)
_ROLES = _split(
    "Phó Chủ tịch phụ trách|Trưởng phòng nghiệp vụ|người đứng đầu đơn vị|Tổ trưởng tổ dân phố|Chánh Văn phòng|Phó Giám đốc|cán bộ theo dõi"
    "|đại diện chủ đầu tư"
)
_WHEN = _split(
    "sáng thứ hai|chiều qua|ngay từ đầu tháng|trong tuần này|đến hết quý ba|sau cơn mưa lớn|trước giờ cao điểm|mỗi dịp cuối tuần"
    "|suốt mười ngày tới|kể từ ngày mai|nhân dịp khai giảng|khi nước rút|đúng kế hoạch đã duyệt|sớm hơn dự kiến|rạng sáng nay"
    "|giữa mùa khô|hôm rằm|ngay trong đêm|qua ba đợt ra quân|hằng quý|từ tuần trước|sau nửa năm chuẩn bị|vào giờ nghỉ trưa"
)
_HOW = _split(
    "khẩn trương|lần lượt|cùng lúc|một lần nữa|bất ngờ|từng bước|chủ động|tự nguyện|bền bỉ|sát sao|đồng loạt|kịp thời|cẩn thận|công khai"
    "|thường xuyên|tạm thời|vừa mới|sắp sửa|quyết tâm|thí điểm|trước hạn|không thu phí"
)
_LIKE = _split(
    "đã xuống cấp|bằng nguồn xã hội hóa|theo chuẩn mới|ngoài giờ hành chính|do dân góp công|trong diện ưu tiên|còn dang dở|vượt thiết kế"
    "|chưa nghiệm thu|ở vùng khó khăn|thuộc dự án cũ|với giá hỗ trợ|theo hình thức cuốn chiếu|đang chờ quyết toán|gần khu đông dân"
    "|được dân kiến nghị nhiều lần|bị bỏ quên nhiều năm|phát sinh sau sáp nhập|không cần thế chấp|có camera giám sát"
)
_LINK = _split(
    "Bước đầu|Song song đó|Cùng thời điểm|Ngoài ra|Đáng chú ý|Tiếp theo|Về lâu dài|Trước mắt|Riêng khu vực này|Một thay đổi khác"
    "|Qua thống kê|Nhờ vậy|Theo đó|Cụ thể|Trên cơ sở đó|Thực tế|Đến nay|Ở chiều ngược lại"
)
_SAID = _split(
    "nhấn mạnh rằng|cho biết|đề nghị|khẳng định|lưu ý|thừa nhận|yêu cầu các bên|bày tỏ mong muốn|giải thích|cam kết trước cử tri rằng"
)
_FIT = _split("giao cho|phối hợp cùng|bàn bạc lại với|ký quy chế với|nhờ|tham khảo ý kiến|mời|lập tổ chung với")

Form = Callable[[random.Random, Topic], str]


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def number(dice: random.Random) -> str:
    """A number as official texts write it: ``1.250``, ``87``, ``12,5``."""
    kind = dice.random()
    if kind < 0.5:
        return f"{dice.randint(1, 98)}.{dice.randint(100, 999)}"
    return str(dice.randint(11, 998)) if kind < 0.85 else f"{dice.randint(2, 99)},{dice.randint(1, 9)}"


def who(dice: random.Random, topic: Topic) -> str:
    """An office and its place."""
    return f"{dice.choice(topic.actors)} {dice.choice(PLACES)}"


def does(dice: random.Random, topic: Topic) -> str:
    """What is done, how, and to what."""
    return f"{dice.choice(_HOW)} {dice.choice(topic.acts)} {dice.choice(topic.things)} {dice.choice(_LIKE)}"


def why(dice: random.Random, topic: Topic) -> str:
    """An aim."""
    lead = dice.choice(("nhằm", "để", "với mục tiêu", "hướng tới việc", "cốt sao"))
    return f"{lead} {dice.choice(topic.aims)}"


def many(dice: random.Random, topic: Topic) -> str:
    """A number of something."""
    return f"{number(dice)} {dice.choice(topic.counted)}"


def _plain(dice: random.Random, topic: Topic) -> str:
    return f"{dice.choice(_LINK)}, {who(dice, topic)} {does(dice, topic)} {why(dice, topic)}, với {many(dice, topic)}."


def _dated(dice: random.Random, topic: Topic) -> str:
    when = dice.choice(_WHEN)
    return f"{_upper(when)}, {who(dice, topic)} {does(dice, topic)}, đã có {many(dice, topic)} được ghi nhận."


def _quoted(dice: random.Random, topic: Topic) -> str:
    return (
        f"{_upper(dice.choice(_PEOPLE))}, {dice.choice(_ROLES)}, {dice.choice(_SAID)} đơn vị sẽ {does(dice, topic)}"
        f" {dice.choice(_WHEN)} {why(dice, topic)}."
    )


def _planned(dice: random.Random, topic: Topic) -> str:
    return (
        f"Thực hiện Kế hoạch số {dice.randint(10, 380)}/KH-UBND, {who(dice, topic)} {dice.choice(_FIT)} {who(dice, topic)}"
        f" {dice.choice(topic.acts)} {dice.choice(topic.things)}."
    )


def _counted(dice: random.Random, topic: Topic) -> str:
    return (
        f"Tính {dice.choice(_WHEN)}, {many(dice, topic)} và {many(dice, topic)} đã hoàn thành, tăng {dice.randint(2, 48)}% so với"
        f" cùng kỳ, riêng {dice.choice(PLACES)} {does(dice, topic)}."
    )


def _short(dice: random.Random, topic: Topic) -> str:
    return f"{who(dice, topic)} {does(dice, topic)} {dice.choice(_WHEN)}."


def _listed(dice: random.Random, topic: Topic) -> str:
    three = ", ".join(dice.sample(topic.things, 3))
    return f"{dice.choice(_LINK)}, {three} ở {dice.choice(PLACES)} được {dice.choice(topic.acts)} {dice.choice(_WHEN)}."


def _troubled(dice: random.Random, topic: Topic) -> str:
    return (
        f"Khó khăn hiện nay là {dice.choice(topic.things)} {dice.choice(_LIKE)}, trong khi {who(dice, topic)} mới"
        f" {dice.choice(topic.acts)} được {many(dice, topic)}."
    )


_FORMS: tuple[Form, ...] = (_plain, _dated, _quoted, _planned, _counted, _short, _listed, _troubled)


def sentence(dice: random.Random, topic: Topic) -> str:
    """One sentence of ten to fifty words."""
    return dice.choice(_FORMS)(dice, topic)


def headline(dice: random.Random, topic: Topic) -> str:
    """A headline of eight to eighteen words without a full stop."""
    forms = (
        f"{who(dice, topic)} {dice.choice(topic.acts)} {dice.choice(topic.things)} {dice.choice(_LIKE)}",
        f"{many(dice, topic)} được {dice.choice(topic.acts)} {dice.choice(topic.things)} tại {dice.choice(PLACES)}",
        f"{dice.choice(PLACES)}: {dice.choice(_HOW)} {dice.choice(topic.acts)} {dice.choice(topic.things)}",
    )
    return _upper(dice.choice(forms))
