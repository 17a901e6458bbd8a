"""The hardest language there is: every text is put together from the same fourteen clauses.

Official news comes near it. Two texts that have nothing to do with each other share a third of their words, in runs of
twelve and more; only names, numbers and the order of things differ. What is credited here is what a rule about shared
words credits wrongly.
"""

import random

from benchmarks.corpus.bulletins import Bulletin

_CLAUSES = (
    "Theo báo cáo của {who}, trong {when} toàn thành phố ghi nhận thêm {n} {of}, tăng {n} trường hợp so với cùng kỳ năm trước.",
    "Phát biểu tại hội nghị, {says} nhấn mạnh vai trò của {who} trong việc {does} và đề nghị các đơn vị tiếp tục phát huy kết quả đã"
    " đạt được.",
    "Để chủ động phòng ngừa, {who} khuyến cáo người dân {does}, đồng thời phối hợp chặt chẽ với chính quyền địa phương trong quá trình"
    " triển khai.",
    "Ủy ban nhân dân thành phố giao {who} chủ trì, phối hợp với các sở, ngành liên quan {does}, báo cáo kết quả trước ngày {day}.",
    "Trong thời gian tới, {who} sẽ tiếp tục {does}, góp phần nâng cao đời sống vật chất và tinh thần của nhân dân trên địa bàn {place}.",
    "Tại buổi làm việc, đại diện {who} cho biết đã {does} với tổng kinh phí {n} triệu đồng từ nguồn ngân sách và xã hội hóa.",
    "Tính đến hết {when}, toàn thành phố có {n} {of} được hỗ trợ, đạt {n}% kế hoạch đề ra từ đầu năm.",
    "{says} yêu cầu các địa phương khẩn trương {does}, không để xảy ra tình trạng chậm trễ, gây bức xúc trong nhân dân.",
    "Chương trình có sự tham gia của {who}, lãnh đạo các phường, xã và đông đảo người dân trên địa bàn {place}.",
    "Đây là hoạt động thiết thực chào mừng kỷ niệm {n} năm thành lập {who}, thu hút sự quan tâm của {n} {of}.",
    "Người dân có nhu cầu liên hệ {who} trong giờ hành chính hoặc gọi số điện thoại {n} để được hướng dẫn cụ thể.",
    "Qua kiểm tra, lực lượng chức năng phát hiện {n} {of} vi phạm, lập biên bản xử lý theo quy định của pháp luật.",
    "Việc {does} được thực hiện theo đúng quy định, bảo đảm công khai, minh bạch và an toàn tuyệt đối cho người tham gia.",
    "Bà Lê Thị Thí, trú tại {place}, chia sẻ gia đình rất phấn khởi khi {who} {does}, giúp cuộc sống thuận tiện hơn trước.",
)  # fmt: skip
_WORDS = {
    "who": "Sở Y tế|Sở Giáo dục và Đào tạo|Sở Xây dựng|Công an thành phố|Hội Phụ nữ|Đoàn Thanh niên|Sở Công Thương|Ban Quản lý dự án"
    "|Sở Nội vụ|Trung tâm Văn hóa",
    "says": "đồng chí Phó Bí thư Thường trực|Chủ tịch Ủy ban nhân dân thành phố|Giám đốc Sở|đồng chí Trưởng ban Tuyên giáo",
    "does": "rà soát các hộ nghèo|lắp đặt camera an ninh|trồng cây xanh ven đường|số hóa hồ sơ hộ tịch|tiêm chủng cho trẻ em"
    "|nạo vét kênh mương|tổ chức ngày hội việc làm|cải tạo nhà văn hóa|kiểm tra an toàn thực phẩm|phun thuốc diệt muỗi",
    "of": "trường hợp|hộ gia đình|doanh nghiệp|học sinh|lao động|hồ sơ",
    "place": "phường Bãi Sậy|xã Đồng Lúa|phường Phố Nghề|xã Quán Gió|phường Chợ Hoa|xã Khe Đá",
    "when": "tuần qua|tháng mười|quý ba|chín tháng đầu năm|năm học vừa qua",
}


def _filled(clause: str, dice: random.Random) -> str:
    text = clause
    while (at := text.find("{")) >= 0:
        name = text[at + 1 : text.index("}", at)]
        if name == "n":
            word = str(dice.randint(2, 990))
        elif name == "day":
            word = f"{dice.randint(1, 28)}/{dice.randint(1, 12)}"
        else:
            word = dice.choice(_WORDS[name].split("|"))
        text = text[:at] + word + text[text.index("}", at) + 1 :]
    return text[0].upper() + text[1:]


def of_clauses(count: int, prefix: str) -> list[Bulletin]:
    """So many texts of five to twelve sentences, each from a clause of its own."""
    made = []
    for number in range(count):
        dice = random.Random(f"clauses {prefix} {number}")
        body = [_filled(clause, dice) for clause in dice.sample(_CLAUSES, dice.randint(5, 12))]
        title = _filled("{who} {does} tại {place}", dice)
        lead = _filled(dice.choice(_CLAUSES), dice)
        made.append(Bulletin(f"{prefix}{number}", title, lead, tuple((text,) for text in body)))
    return made
