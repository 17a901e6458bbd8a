"""Notices that an office issues every day or week on one template, and pages that carry them.

A template is a text with slots: ``[20-90]`` a whole number, ``[20-90/10]`` a number with one decimal, ``<d>`` the day,
``<d+7>`` a later one, ``<w>`` the week. The numbers of a day follow from the template's and the day's names.
"""

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.corpus.bulletins import Bulletin

FIRST_DAY = date(2025, 1, 6)  # a Monday
_SLOT = re.compile(r"\[(\d+)-(\d+)(/10)?\]|<d(\+\d+)?>|<w>")
_UNITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


@dataclass(frozen=True)
class NumberStyle:
    """How numbers, days and per cent are written. ``words``: whole numbers below a hundred in words."""

    group: str = "."
    decimal: str = ","
    day: str = "{d:02}/{m:02}"
    percent: str = "%"
    words: bool = False


PLAIN = NumberStyle()
STYLES = {
    "a space between thousands": NumberStyle(group=" "),
    "a comma between thousands": NumberStyle(group=",", decimal="."),
    "nothing between thousands": NumberStyle(group=""),
    "days with a dash": NumberStyle(day="{d}-{m}"),
    "days in words": NumberStyle(day="{d} tháng {m}"),
    "days with the year": NumberStyle(day="{d:02}/{m:02}/{y}"),
    "numbers in words": NumberStyle(words=True),
    "per cent in words": NumberStyle(percent=" phần trăm"),
}


def in_words(number: int) -> str:
    """A number below a hundred in Vietnamese."""
    tens, unit = divmod(number, 10)
    if tens == 0:
        return _UNITS[unit]
    ends = {1: "mốt" if tens > 1 else "một", 5: "lăm"}
    start = "mười" if tens == 1 else f"{_UNITS[tens]} mươi"
    return start if unit == 0 else f"{start} {ends.get(unit, _UNITS[unit])}"


def _grouped(number: int, style: NumberStyle) -> str:
    if style.words and number < 100:
        return in_words(number)
    return f"{number:,}".replace(",", style.group)


@dataclass(frozen=True)
class Template:
    """A notice with slots; ``step``: days from one to the next."""

    name: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    step: int = 1

    def day(self, number: int) -> date:
        """The day of the notice with this number."""
        return FIRST_DAY + timedelta(days=number * self.step)

    def filled(
        self, text: str, number: int, part: str, style: NumberStyle = PLAIN, other: frozenset[int] = frozenset()
    ) -> str:
        """A text with the numbers of a day; those of the slots in ``other``, by their place, are of nobody's day."""
        place = -1

        def fill(match: re.Match[str]) -> str:
            nonlocal place
            place += 1
            if match[0] == "<w>":
                return str(self.day(number).isocalendar().week)
            if match[0].startswith("<d"):
                day = self.day(number) + timedelta(days=int(match[4] or 0))
                return style.day.format(d=day.day, m=day.month, y=day.year)
            low, high = int(match[1]), int(match[2])
            drawn = random.Random(f"{self.name} {part} {place} {number}").randint(low, high)
            if place in other:
                drawn = low + (drawn - low + (high - low) // 2 + 1) % (high - low + 1)
            if match[3]:
                return f"{drawn // 10}{style.decimal}{drawn % 10}"
            return _grouped(drawn, style)

        return _SLOT.sub(fill, text).replace("%", style.percent)

    def parts(
        self, number: int, style: NumberStyle = PLAIN, other: frozenset[int] = frozenset()
    ) -> tuple[str, str, list[str]]:
        """Headline, lead and paragraphs of a day; ``other`` counts the slots of the first paragraph."""
        paragraphs = [
            self.filled(text, number, f"p{at}", style, other if at == 0 else frozenset())
            for at, text in enumerate(self.paragraphs)
        ]
        return (
            self.filled(self.title, number, "title", style),
            self.filled(self.lead, number, "lead", style),
            paragraphs,
        )

    def bulletin(self, number: int) -> Bulletin:
        """Our notice of a day, released at seven."""
        title, lead, paragraphs = self.parts(number)
        sentences = tuple(tuple(_sentences(text)) for text in paragraphs)
        return Bulletin(
            f"{self.name}-{number}", title, lead, sentences, published_at=f"{self.day(number)}T07:00:00+07:00"
        )

    def known(self, count: int) -> tuple[Bulletin, ...]:
        """The first so many."""
        return tuple(self.bulletin(number) for number in range(count))


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in text.replace(". ", ".\n").split("\n") if part.strip()]


WEATHER = Template(
    "troi",
    "Dự báo thời tiết Thủ Đô ngày <d>",
    "Ban ngày trời nắng nhẹ, đêm và sáng sớm se lạnh.",
    (
        "Theo Đài Khí tượng thủy văn khu vực, ngày <d> thành phố nhiều mây, sáng sớm có sương mù rải rác, trưa chiều "
        "hửng nắng. Nhiệt độ thấp nhất [11-19] độ C, cao nhất [22-31] độ C, độ ẩm trung bình [52-88]%. Gió đông bắc "
        "[2-9] km/giờ, khả năng có mưa [5-70]%, tầm nhìn xa trên [4-9] km.",
        "Người dân ra đường vào sáng sớm cần bật đèn xe khi qua vùng có sương mù, giữ ấm cho người già và trẻ nhỏ. "
        "Thông tin dự báo được cập nhật trên cổng thông tin vào sáng mỗi ngày.",
    ),
)
WATER = Template(
    "nuoc",
    "Mực nước các sông, hồ trên địa bàn ngày <d>",
    "",
    (
        "Lúc 7 giờ ngày <d>, mực nước sông Con tại trạm Gò Dâu là [210-690/10] m, sông Vân tại trạm Bến Đò là "
        "[110-390/10] m, hồ Sen Trắng đạt [1200-4800] nghìn m3. Lưu lượng xả qua đập Tân Lập là [120-940] m3/s, mở "
        "[2-9] cửa. Mực nước dự báo thay đổi không quá [11-48] cm trong ngày.",
        "Đề nghị các xã ven đê theo dõi bản tin, kiểm tra bè cá và không để người ở lại bãi sông ban đêm.",
    ),
)
TRAFFIC = Template(
    "duong",
    "Tình hình giao thông thành phố ngày <d>",
    "Lực lượng chức năng tiếp tục xử lý vi phạm tại các nút giao trọng điểm.",
    (
        "Trong ngày <d>, lực lượng cảnh sát giao thông thành phố bố trí [31-96] tổ tuần tra, kiểm tra [1100-9800] lượt "
        "phương tiện, xử lý [210-980] trường hợp vi phạm, phạt tiền [310-990] triệu đồng. Trên địa bàn xảy ra [2-9] vụ va "
        "chạm, [11-39] điểm ùn tắc kéo dài được giải tỏa trong vòng [12-48] phút.",
        "Cơ quan chức năng khuyến cáo người điều khiển phương tiện giữ khoảng cách an toàn, không dừng đỗ trên cầu và "
        "trong hầm, chấp hành tín hiệu đèn tại các nút giao đang thi công.",
    ),
)
EPIDEMIC = Template(
    "dich",
    "Bản tin phòng, chống sốt xuất huyết ngày <d>",
    "Ngành y tế đề nghị người dân không chủ quan, chủ động diệt bọ gậy tại nhà.",
    (
        "Tính đến 18 giờ ngày <d>, toàn thành phố ghi nhận thêm [31-98] ca mắc sốt xuất huyết mới tại [11-29] phường, xã. "
        "Cộng dồn từ đầu năm đến nay thành phố có [4100-9800] ca mắc. Hiện còn [101-389] bệnh nhân đang điều trị tại các "
        "bệnh viện, [41-99] bệnh nhân được xuất viện trong ngày, [12-39] ổ dịch còn hoạt động.",
        "Các đội xung kích tiếp tục lật úp dụng cụ chứa nước, phun hóa chất theo lịch và hướng dẫn từng hộ gia đình ngủ "
        "màn cả ban ngày. Khi có dấu hiệu sốt cao đột ngột, người dân đến cơ sở y tế gần nhất để được khám.",
    ),
)
AIR = Template(
    "khi",
    "Chất lượng không khí sáng <d>",
    "",
    (
        "Chỉ số chất lượng không khí lúc 6 giờ ngày <d> tại trạm Phố Nghề là [51-99], trạm Chợ Hoa là [102-149], trạm Khe Đá "
        "là [21-49]. Bụi mịn trung bình [21-89] microgam trên mét khối, cao hơn hôm trước [3-19]%. Người nhạy cảm nên hạn "
        "chế vận động ngoài trời trước 9 giờ.",
    ),
)
MARKET = Template(
    "gia",
    "Giá nông sản tại chợ đầu mối ngày <d>",
    "",
    (
        "Ban Quản lý chợ đầu mối cho biết, sáng <d> có [1100-2900] tấn hàng về chợ. Giá thịt lợn hơi [52000-69000] đồng một "
        "ki-lô-gam, cá trắm [61000-79000] đồng, rau cải [8000-15000] đồng, cam sành [18000-29000] đồng, gạo tẻ "
        "[14000-21000] đồng. Nguồn cung bảo đảm, không có mặt hàng nào tăng quá [3-9]%.",
    ),
)
VACCINE = Template(
    "tiem",
    "Lịch tiêm chủng mở rộng trong tuần",
    "Các trạm y tế phường, xã tiếp tục tổ chức tiêm chủng miễn phí cho trẻ trong độ tuổi.",
    (
        "Trung tâm Kiểm soát bệnh tật thành phố thông báo, sáng thứ ba và sáng thứ năm trong tuần các trạm y tế tổ chức tiêm "
        "chủng mở rộng cho trẻ từ 2 tháng đến 5 tuổi. Phụ huynh mang theo sổ tiêm hoặc mã tiêm chủng, cho trẻ ăn trước khi "
        "tiêm và ở lại theo dõi 30 phút.",
        "Trẻ đang sốt, mới ốm dậy hoặc dùng thuốc điều trị kéo dài cần được bác sĩ khám trước. Gia đình cần tư vấn gọi số "
        "điện thoại của trạm y tế nơi cư trú trong giờ hành chính.",
    ),
    step=7,
)
CITIZENS = Template(
    "dan",
    "Lịch tiếp công dân tuần <w>",
    "",
    (
        "Văn phòng Ủy ban nhân dân thành phố thông báo lịch tiếp công dân định kỳ. Lãnh đạo thành phố tiếp công dân tại trụ "
        "sở từ 8 giờ đến 11 giờ 30 sáng thứ năm; các ngày khác trong tuần do Ban Tiếp công dân tiếp và nhận đơn.",
        "Công dân mang theo giấy tờ tùy thân, trình bày trung thực nội dung khiếu nại, tố cáo, kiến nghị, phản ánh và giữ "
        "trật tự nơi tiếp. Đơn gửi trực tuyến được trả lời trong thời hạn luật định.",
    ),
    step=7,
)
MARKET_DAY = Template(
    "phien",
    "Phiên chợ nông sản cuối tuần tại Công viên Hồ Sen Trắng",
    "Hàng có mã truy xuất, có xe kiểm nghiệm nhanh tại cổng.",
    (
        "Phiên chợ nông sản an toàn mở cửa vào cuối tuần tại Công viên Hồ Sen Trắng, có khu bán hàng, khu ẩm thực và khu "
        "trình diễn nghề. Các hợp tác xã mang đến rau, quả, gạo, mật ong và đồ gốm, niêm yết giá từng gian.",
        "Ban tổ chức giữ xe miễn phí, bố trí tình nguyện viên chỉ đường và thu gom rác theo từng loại. Người dân nên đi xe "
        "buýt để tránh ùn tắc quanh công viên.",
    ),
    step=7,
)
DATE_ONLY = Template(
    "phun",
    "Phun hóa chất diệt muỗi theo lịch",
    "",
    (
        "Trung tâm Y tế thông báo, sáng <d> các đội cơ động phun hóa chất diệt muỗi tại tất cả khu dân cư của phường Bãi Sậy. "
        "Đề nghị các hộ mở cửa sổ, đậy kín thức ăn, đưa người già và trẻ nhỏ ra khỏi nhà trong lúc phun và dọn sạch dụng cụ "
        "chứa nước trước khi đội đến.",
    ),
    step=7,
)
TWO_NUMBERS = Template(
    "mau",
    "Điểm hiến máu tình nguyện đã đón người dân",
    "",
    (
        "Điểm hiến máu cố định tại quảng trường trung tâm vừa tiếp nhận [210-890] đơn vị máu của người dân và công nhân các "
        "khu công nghiệp, nhiều hơn đợt trước [21-98] đơn vị. Người hiến máu được khám, tư vấn, nhận giấy chứng nhận và phần "
        "quà nhỏ. Hội Chữ thập đỏ cảm ơn các gia đình đã đưa nhau đến từ sáng sớm.",
    ),
)
SHORT_CUT = Template(
    "cat",
    "Tạm ngừng cấp nước ngày <d>",
    "",
    (
        "Công ty Cấp nước thành phố thông báo tạm ngừng cấp nước từ [20-23] giờ ngày <d> đến [4-6] giờ sáng hôm sau tại "
        "[3-9] tuyến phố phía đông để đấu nối đường ống. Đề nghị người dân chủ động trữ nước.",
    ),
)
DAILY = (WEATHER, WATER, TRAFFIC, EPIDEMIC, AIR, MARKET)
WEEKLY = (VACCINE, CITIZENS, MARKET_DAY)
