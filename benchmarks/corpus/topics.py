"""What the made-up bulletins are about: for each topic who acts, what is done, to what, why, and what is counted."""

from dataclasses import dataclass


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


@dataclass(frozen=True)
class Topic:
    """Phrases of one topic; any of one kind fits any of another."""

    name: str
    actors: tuple[str, ...]
    acts: tuple[str, ...]
    things: tuple[str, ...]
    aims: tuple[str, ...]
    counted: tuple[str, ...]


def _topic(name: str, actors: str, acts: str, things: str, aims: str, counted: str) -> Topic:
    return Topic(name, _split(actors), _split(acts), _split(things), _split(aims), _split(counted))


TOPICS = (
    _topic(
        "y tế",
        "Trung tâm Y tế|Trạm y tế lưu động|Chi cục Dân số|Bệnh viện đa khoa|Đội phòng dịch|Khoa kiểm soát nhiễm khuẩn",
        "tiêm bổ sung|giám sát|lấy mẫu xét nghiệm tại|khoanh vùng|cấp thuốc cho|khám sàng lọc ở|hướng dẫn cách ly với"
        "|phun hóa chất quanh|lập danh sách|kiểm tra lại",
        "ổ sốt xuất huyết|trẻ chưa đủ mũi sởi|bếp ăn tập thể|người cao tuổi sống một mình|cơ sở hành nghề tư nhân"
        "|công nhân khu nhà trọ|điểm tiêm lưu động|hồ sơ sức khỏe điện tử|tủ thuốc thôn|bể nước chứa lăng quăng",
        "không để dịch lan rộng|giảm ca nặng|phát hiện sớm bệnh nền|bảo đảm đủ vắc xin|nâng tỷ lệ quản lý thai nghén"
        "|rút ngắn thời gian chờ khám",
        "mũi tiêm|lượt khám|mẫu bệnh phẩm|hộ được phun|ca theo dõi tại nhà",
    ),
    _topic(
        "giao thông",
        "Ban Duy tu|Đội cảnh sát giao thông|Trung tâm điều hành xe buýt|Thanh tra giao thông|Xí nghiệp cầu đường|Cảng bến thủy",
        "phân luồng qua|thảm lại|lắp đèn tín hiệu ở|rào chắn để sửa|tăng chuyến tới|xử lý xe dừng đỗ ở|tổ chức lại"
        "|cấm xe tải vào|sơn kẻ lại|thông xe kỹ thuật",
        "nút giao phía tây|cầu vượt đi bộ|tuyến đường ven sông|hầm chui dân sinh|bãi đỗ ngầm|làn đường ưu tiên"
        "|bến xe khách liên tỉnh|đoạn cua dốc cao|lối lên cầu phao|vạch dừng trước trường học",
        "giảm ùn tắc giờ tan tầm|xóa điểm đen tai nạn|nối thông hai bờ|bảo đảm an toàn mùa mưa bão|giải tỏa lòng đường"
        "|tăng sức chứa cho xe công cộng",
        "lượt xe|mét vuông mặt đường|biên bản vi phạm|biển báo|chuyến buýt",
    ),
    _topic(
        "giáo dục",
        "Phòng Giáo dục|Trường trung học cơ sở|Hội Khuyến học|Trung tâm học tập cộng đồng|Ban giám hiệu|Tổ tuyển sinh",
        "xét tuyển|bàn giao|mở lớp cho|số hóa|miễn học phí với|tặng sách cho|bồi dưỡng|kiểm định|xây thêm|công khai",
        "phòng học bộ môn|học bạ của khối cuối cấp|giáo viên dạy tiếng Anh|lớp xóa mù chữ buổi tối|thư viện xanh"
        "|suất ăn bán trú|sân chơi liên trường|học sinh khuyết tật học hòa nhập|đề án trường chuẩn|ký túc xá nội trú",
        "đón lứa học sinh tăng đột biến|xóa phòng học tạm|chống lạm thu đầu năm|nâng chuẩn ngoại ngữ|giữ học sinh đến lớp"
        "|đổi mới cách kiểm tra",
        "học sinh|bộ sách|phòng học|suất học bổng|giáo viên",
    ),
    _topic(
        "môi trường",
        "Xí nghiệp Môi trường|Chi cục Bảo vệ môi trường|Công ty Thoát nước|Hạt Kiểm lâm|Trạm quan trắc|Đội thu gom rác dân lập",
        "nạo vét|trồng dặm|thu gom|đo lại|đóng cửa|khơi thông|xử phạt|phân loại|di dời|cải tạo",
        "hồ điều hòa|bãi rác tạm cuối ngõ|tuyến kênh hở|lò đốt thủ công|hàng cây cổ thụ|trạm trung chuyển|rác thải cồng kềnh"
        "|khí thải của cụm công nghiệp|mảng xanh dải phân cách|cửa xả đầu nguồn",
        "hết ngập sau mưa lớn|giảm bụi mịn mùa hanh|trả lại mặt nước sạch|chặn đổ trộm phế thải|đạt chỉ tiêu cây xanh"
        "|kéo giảm mùi hôi",
        "tấn rác|mét khối bùn|cây bóng mát|thùng phân loại|hộ ký cam kết",
    ),
    _topic(
        "kinh tế",
        "Sở Công Thương|Ban Quản lý chợ|Hiệp hội làng nghề|Ngân hàng chính sách|Cục Thuế|Trung tâm xúc tiến đầu tư",
        "bình ổn|giải ngân cho|kết nối|niêm yết giá|miễn giảm thuế với|truy xuất|dự trữ|quảng bá|cấp mã vùng cho|thanh tra",
        "mặt hàng thiết yếu dịp Tết|hộ kinh doanh nhỏ|chuỗi rau an toàn|gian hàng trực tuyến|xưởng mây tre đan"
        "|khoản vay khởi nghiệp|cửa hàng xăng dầu ngoại thành|hợp đồng xuất khẩu trái cây|phiên chợ cuối tuần|kho lạnh đầu mối",
        "giữ giá không tăng sốc|mở lối ra cho nông sản|tăng thu từ du lịch đêm|hút vốn vào vùng ven|đẩy lùi hàng giả"
        "|giúp xưởng nhỏ có việc",
        "tỷ đồng|hộ vay vốn|tấn hàng|doanh nghiệp mới|điểm bán",
    ),
    _topic(
        "hành chính",
        "Bộ phận Một cửa|Sở Nội vụ|Tổ công nghệ số cộng đồng|Văn phòng Ủy ban|Phòng Tư pháp|Trung tâm phục vụ hành chính công",
        "rút gọn|trả kết quả|liên thông|cấp lại|tiếp nhận tại nhà|gắn mã cho|bãi bỏ|đối chiếu|ủy quyền giải quyết|số hóa",
        "thủ tục khai sinh|hồ sơ đất đai tồn đọng|giấy phép xây dựng nhà ở|chứng thực bản sao|thẻ căn cước của người già"
        "|dữ liệu hộ tịch|lịch hẹn trực tuyến|phản ánh của người dân|biên lai điện tử|phiếu lý lịch tư pháp",
        "bớt một lần đi lại|không trễ hẹn|công khai từng bước|giảm giấy tờ phải nộp|phục vụ cả ngày thứ bảy"
        "|đánh giá cán bộ bằng số liệu",
        "hồ sơ|lượt hẹn|phiếu khảo sát|thủ tục|bản số hóa",
    ),
    _topic(
        "văn hóa",
        "Nhà hát Chèo|Ban Quản lý di tích|Bảo tàng thành phố|Trung tâm Văn hóa|Hội Di sản|Thư viện tổng hợp",
        "phục dựng|trưng bày|trao giải|mở cửa tự do|tu bổ|biểu diễn lưu động|ghi hình|mời nghệ nhân về|lập hồ sơ|kiểm kê",
        "hội vật đầu xuân|đình cổ bên sông|làn điệu hát ru|tranh giấy dó|phố đi bộ mới|bia đá thời trước|rối nước"
        "|hiện vật quyên tặng|áo dài ngũ thân|tuyến tham quan ban đêm",
        "giữ nghề cho lớp trẻ|kéo khách ở lại lâu hơn|đưa di sản vào trường học|làm mới không gian đọc"
        "|chuẩn bị năm du lịch|xứng với danh hiệu đã nhận",
        "lượt khách|hiện vật|buổi diễn|nghệ nhân|đầu sách",
    ),
    _topic(
        "an ninh",
        "Công an|Ban Chỉ huy Quân sự|Đội phòng cháy|Tổ bảo vệ an ninh cơ sở|Bộ đội Biên phòng|Phòng An ninh mạng",
        "tuần tra|diễn tập ở|kiểm tra|gọi nhập ngũ|triệt phá|niêm phong|cảnh báo về|cứu nạn tại|huấn luyện|lắp camera cho",
        "chung cư mini|đường dây lừa đảo qua điện thoại|kho hóa chất|lực lượng dự bị động viên|bến đò ngang|lối thoát hiểm thứ hai"
        "|pháo nổ tự chế|trang bán vé giả|khu nhà trọ ven đê|vũ khí thô sơ giao nộp",
        "giữ yên dịp lễ|không để cháy lớn|ngăn tội phạm công nghệ cao|sẵn sàng khi lũ về|bảo vệ tuyệt đối kỳ bầu cử"
        "|giảm phạm pháp hình sự",
        "chiến sĩ|cơ sở được kiểm tra|tin báo|bình chữa cháy|tài khoản giả",
    ),
    _topic(
        "nông nghiệp",
        "Trạm Khuyến nông|Chi cục Thú y|Hợp tác xã|Chi cục Thủy lợi|Ban Nông thôn mới|Trạm bơm đầu mối",
        "gieo lại|tiêm phòng cho|lấy nước vào|dồn đổi|chống rét cho|đắp bờ bao quanh|thu hoạch non|cơ giới hóa|khử trùng|cấp giống",
        "đồng lúa trũng|đàn lợn nái|vườn bưởi sau bão|ao cá lồng|vùng hoa chuyên canh|trại gà đẻ|ruộng bỏ hoang"
        "|mạ non vụ xuân|đàn bò sữa|kênh tưới nội đồng",
        "kịp khung thời vụ|không tái phát dịch tả|đủ nước đổ ải|nâng thu nhập trên mỗi héc ta|cứu diện tích ngập úng"
        "|đạt tiêu chí nông thôn mới nâng cao",
        "héc ta|con gia súc|tấn giống|liều vắc xin|hộ xã viên",
    ),
    _topic(
        "xã hội",
        "Hội Phụ nữ|Mặt trận Tổ quốc|Liên đoàn Lao động|Hội Chữ thập đỏ|Đoàn Thanh niên|Phòng Lao động",
        "trao quà|sửa nhà cho|thăm|hiến máu ủng hộ|dạy nghề cho|đối thoại với|chi trả|kết nối việc làm cho|tư vấn|nhận đỡ đầu",
        "gia đình chính sách|mái ấm công đoàn|lao động mất việc|trẻ mồ côi|người khuyết tật vận động|bếp ăn nghĩa tình"
        "|phiên giao dịch lưu động|nạn nhân bạo lực gia đình|quỹ vì người nghèo|thợ hồ xa quê",
        "không ai bị bỏ lại phía sau|ai cũng có Tết|giảm nghèo bền vững|thưởng Tết đúng hạn|chia sẻ lúc giáp hạt"
        "|có việc ngay tại quê",
        "suất quà|căn nhà|đơn vị máu|lao động|triệu đồng",
    ),
)  # fmt: skip
