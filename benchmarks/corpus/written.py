"""Bulletins written by hand, as a city's information department writes them, and news of others on the same matters.

The made-up corpus is put together from phrases; these are whole texts, with the openings, thanks, appeals and numbers
that official texts repeat, so that what two of them share is what real ones share.
"""

from benchmarks.corpus.bulletins import Bulletin


def _bulletin(ident: str, title: str, lead: str, *paragraphs: str) -> Bulletin:
    return Bulletin(ident, title, lead, tuple(tuple(_sentences(paragraph)) for paragraph in paragraphs))


def _sentences(paragraph: str) -> list[str]:
    parts = paragraph.replace(". ", ".\n").split("\n")
    return [part.strip() for part in parts if part.strip()]


OURS = (
    _bulletin(
        "w1",
        "Thủ Đô ghi nhận thêm 86 ca sốt xuất huyết trong tuần qua",
        "Trung tâm Kiểm soát bệnh tật thành phố cho biết số ca mắc tiếp tục giảm, song nguy cơ bùng phát ở các ổ dịch cũ vẫn còn.",
        "Theo báo cáo của Trung tâm Kiểm soát bệnh tật thành phố, trong tuần từ ngày 16 đến ngày 22/11, toàn thành phố ghi nhận thêm 86 ca mắc sốt xuất huyết, giảm 34 ca so với tuần trước đó. Bệnh nhân phân bố tại 41 phường, xã; một số nơi có nhiều bệnh nhân là phường Bãi Sậy, xã Đồng Lúa và phường Phố Nghề.",
        "Cộng dồn từ đầu năm đến nay, thành phố có 5.214 ca mắc, không có ca tử vong. Trong tuần có thêm 3 ổ dịch mới, nâng tổng số ổ dịch đang hoạt động lên 12 ổ.",
        "Kết quả giám sát côn trùng tại một số ổ dịch cho thấy chỉ số bọ gậy vẫn vượt ngưỡng nguy cơ, tập trung ở các khu nhà trọ, công trường xây dựng và những hộ có thói quen tích nước mưa trên sân thượng. Các đội xung kích đã lật úp 2.300 dụng cụ chứa nước không còn sử dụng.",
        "Để chủ động phòng, chống dịch, ngành y tế khuyến cáo người dân thường xuyên đậy kín dụng cụ chứa nước, thả cá vào bể, ngủ màn kể cả ban ngày và phối hợp với chính quyền địa phương trong các đợt phun hóa chất. Khi có dấu hiệu sốt cao đột ngột, đau đầu, đau mỏi cơ, cần đến ngay cơ sở y tế gần nhất để được khám và tư vấn điều trị, không tự ý truyền dịch tại nhà.",
    ),
    _bulletin(
        "w2",
        "Điều chỉnh giao thông phục vụ sửa chữa cầu Ga Nam từ ngày 1/12",
        "Xe tải trên 3,5 tấn và xe khách trên 30 chỗ không được qua cầu trong thời gian thi công.",
        "Sở Giao thông vận tải thành phố vừa có thông báo về việc điều chỉnh tổ chức giao thông phục vụ thi công sửa chữa cầu Ga Nam. Thời gian thực hiện từ 22 giờ ngày 1/12/2026 đến 5 giờ ngày 20/1/2027.",
        "Theo phương án được phê duyệt, cầu được rào chắn từng nửa một, mỗi bên giữ lại một làn rộng 3,5 m cho xe máy, xe con và xe buýt lưu thông. Xe tải trên 3,5 tấn, xe khách trên 30 chỗ đi theo hướng đường Bến Đò Cũ - cầu Mới - đường Làng Gốm và ngược lại.",
        "Lực lượng chức năng lắp đặt 48 biển báo, bố trí người hướng dẫn tại hai đầu cầu vào giờ cao điểm sáng và chiều. Tuyến xe buýt số 9 và số 27 tạm thời bỏ điểm dừng trước ga, hành khách đón xe ở điểm cách đó 200 m.",
        "Cầu Ga Nam được đưa vào khai thác từ năm 1994, mặt cầu xuất hiện nhiều vết nứt, khe co giãn hư hỏng gây mất an toàn. Tổng mức đầu tư của dự án sửa chữa là 27,6 tỷ đồng từ ngân sách thành phố.",
        "Sở Giao thông vận tải đề nghị người tham gia giao thông chấp hành hướng dẫn của lực lượng chức năng, lựa chọn lộ trình phù hợp và hạn chế qua khu vực này trong giờ cao điểm.",
    ),
    _bulletin(
        "w3",
        "Công bố 17 thủ tục hành chính thực hiện hoàn toàn trực tuyến",
        "Người dân không phải nộp bản giấy, lệ phí giảm một nửa đến hết năm 2027.",
        "Ủy ban nhân dân thành phố vừa ban hành quyết định công bố danh mục 17 thủ tục hành chính thực hiện hoàn toàn trên môi trường mạng, thuộc các lĩnh vực hộ tịch, đất đai, xây dựng và lao động. Quyết định có hiệu lực kể từ ngày ký.",
        "Với các thủ tục này, người dân và doanh nghiệp đăng nhập bằng tài khoản định danh mức độ 2, điền mẫu đơn điện tử, ký số hoặc xác nhận qua mã một lần và nhận kết quả trong kho dữ liệu cá nhân. Cán bộ không được yêu cầu nộp thêm bản giấy, kể cả để đối chiếu.",
        "Theo nghị quyết của Hội đồng nhân dân thành phố, lệ phí của hồ sơ trực tuyến được giảm 50% đến hết ngày 31/12/2027. Thời gian giải quyết cũng rút ngắn trung bình 2,5 ngày so với quy định chung.",
        "Phát biểu tại hội nghị triển khai, Phó Chủ tịch Ủy ban nhân dân thành phố Trần Văn Mẫu nhấn mạnh, việc cắt giảm giấy tờ phải đi đôi với hỗ trợ người cao tuổi và người không có điện thoại thông minh. Mỗi phường, xã duy trì ít nhất hai tổ công nghệ số cộng đồng để hướng dẫn tại nhà.",
        "Trong mười tháng đầu năm, tỷ lệ hồ sơ trực tuyến của thành phố đạt 71,4%, tăng 12,8 điểm phần trăm so với cùng kỳ năm trước. Phản ánh về thái độ phục vụ được tiếp nhận qua tổng đài 1022.",
    ),
    _bulletin(
        "w4",
        "Hơn 300 gian hàng tham gia hội chợ nông sản an toàn cuối năm",
        "Hội chợ diễn ra từ ngày 5 đến ngày 9/12 tại Công viên Hồ Sen Trắng, mở cửa tự do.",
        "Chiều 23/11, Sở Công Thương thành phố tổ chức họp báo thông tin về hội chợ nông sản an toàn cuối năm. Đây là năm thứ tám hội chợ được tổ chức, với 312 gian hàng của 26 tỉnh, thành phố.",
        "Điểm mới năm nay là mọi mặt hàng đều có mã truy xuất, khách quét bằng điện thoại để biết nơi trồng, ngày thu hoạch và kết quả kiểm nghiệm. Ban tổ chức đặt hai xe kiểm nghiệm nhanh ngay cổng vào, mẫu nào không đạt sẽ bị đưa ra khỏi hội chợ trong ngày.",
        "Bên cạnh khu bán hàng là khu trình diễn nghề: tráng bánh, ép dầu lạc, gói giò, nặn tò he. Trẻ em được tự tay làm và mang sản phẩm về. Mỗi tối có một buổi kết nối, dự kiến 40 biên bản ghi nhớ giữa hợp tác xã và chuỗi bán lẻ được ký.",
        "Hội chợ lần trước đón 95.000 lượt khách, doanh thu 31 tỷ đồng, cao nhất từ trước tới nay. Ban tổ chức khuyến khích khách đi xe buýt; tuyến số 4 được tăng chuyến đến 22 giờ.",
    ),
    _bulletin(
        "w5",
        "Không khí lạnh tăng cường, vùng ven đê đề phòng gió giật",
        "Từ đêm 24/11, nhiệt độ thấp nhất 13-15 độ C, gió giật cấp 6.",
        "Ban Chỉ huy phòng, chống thiên tai và tìm kiếm cứu nạn thành phố vừa có công điện gửi các đơn vị về việc chủ động ứng phó với không khí lạnh tăng cường. Theo Đài Khí tượng thủy văn khu vực, khoảng đêm 24/11 không khí lạnh sẽ ảnh hưởng đến thành phố, gió đông bắc trong đất liền mạnh cấp 3, cấp 4, vùng ven đê cấp 4, có lúc giật cấp 6.",
        "Nhiệt độ thấp nhất phổ biến 13-15 độ C, vùng núi có nơi dưới 11 độ C. Trời có mưa rào rải rác, riêng ngày 25/11 có mưa vừa.",
        "Ban Chỉ huy yêu cầu các phường, xã rà soát nhà tạm, biển quảng cáo, cây xanh có nguy cơ gãy đổ; chủ bè cá ven sông neo lại lồng bè, không để người ở lại qua đêm. Trường học điều chỉnh giờ vào lớp của trẻ mầm non và học sinh tiểu học khi nhiệt độ dưới 10 độ C.",
        "Ngành nông nghiệp hướng dẫn che phủ mạ non, giữ ấm chuồng trại, dự trữ thức ăn thô cho gia súc ít nhất mười ngày. Cơ quan, đơn vị tổ chức trực ban nghiêm túc 24/24 giờ và báo cáo khi có tình huống.",
    ),
    _bulletin(
        "w6",
        "Tuyển quân 2027: hoàn thành sơ tuyển tại tất cả phường, xã",
        "Công khai danh sách ba lần, không bỏ sót, không gọi nhầm.",
        "Đến hết ngày 20/11, toàn bộ phường, xã trên địa bàn thành phố đã hoàn thành sơ tuyển nghĩa vụ quân sự năm 2027. Hội đồng nghĩa vụ quân sự thành phố đánh giá công tác chuẩn bị sớm hơn năm trước mười ngày.",
        "Danh sách công dân trong độ tuổi được niêm yết tại nhà văn hóa và đọc trên loa truyền thanh ba lần để nhân dân giám sát. Trường hợp tạm hoãn, miễn gọi nhập ngũ đều có xác nhận của công an và trường học.",
        "Qua sơ tuyển, 6.870 thanh niên đủ điều kiện khám sức khỏe, trong đó 38% có trình độ cao đẳng, đại học; 214 người viết đơn tình nguyện. Khám sức khỏe diễn ra từ ngày 1 đến ngày 25/12 tại bốn cụm.",
        "Đại tá Đỗ Quang Ví, Chỉ huy trưởng Bộ Chỉ huy quân sự thành phố, đề nghị các địa phương thăm hỏi, động viên gia đình có con em trúng tuyển, chuẩn bị chu đáo cho lễ giao nhận quân, đồng thời lập kế hoạch dạy nghề khi quân nhân xuất ngũ trở về.",
    ),
    _bulletin(
        "w7",
        "Thông báo cắt nước đêm 26/11",
        "",
        "Công ty Cấp nước thành phố thông báo tạm ngừng cấp nước từ 23 giờ ngày 26/11 đến 4 giờ ngày 27/11 tại các phường Xóm Chài, Giếng Ngọc và Hồ Sen Trắng để đấu nối đường ống. Đề nghị người dân chủ động trữ nước.",
    ),
    _bulletin(
        "w8",
        "Thành phố phấn đấu trồng 100.000 cây xanh trong năm 2027",
        "Ưu tiên cây bản địa, thân gỗ lớn, dọc các tuyến đường mới mở và khu công nghiệp.",
        "Ủy ban nhân dân thành phố vừa ban hành kế hoạch trồng cây xanh năm 2027 với mục tiêu 100.000 cây. Kế hoạch giao Sở Xây dựng chủ trì, phối hợp với các đơn vị liên quan rà soát quỹ đất, lựa chọn giống cây và kiểm tra tỷ lệ sống sau sáu tháng.",
        "Cây được trồng là sấu, lát hoa, sao đen, muồng hoàng yến, đường kính thân tối thiểu 10 cm. Dọc kênh và hồ điều hòa ưu tiên cây chịu ngập. Mỗi trường học nhận chăm sóc ít nhất 20 cây.",
        "Kinh phí dự kiến 84 tỷ đồng, trong đó xã hội hóa 60%. Doanh nghiệp ủng hộ được gắn biển tên tại vườn cây trong năm năm. Người dân có thể đăng ký nhận cây qua ứng dụng của thành phố.",
        "Ba năm gần đây, thành phố trồng mới 246.000 cây, tỷ lệ sống đạt 91%. Bài học rút ra là phải chọn đúng mùa, chống đỡ chắc chắn và giao trách nhiệm đến từng tổ dân phố.",
    ),
)

OTHERS = (
    _bulletin(
        "o1",
        "Cảng Mới: số ca sốt xuất huyết tăng nhẹ",
        "Ngành y tế khuyến cáo người dân không chủ quan với dịch bệnh mùa mưa.",
        "Theo báo cáo của Trung tâm Kiểm soát bệnh tật tỉnh, trong tuần qua toàn tỉnh ghi nhận thêm 53 ca mắc sốt xuất huyết, tăng 9 ca so với tuần trước đó. Bệnh nhân tập trung ở các phường trung tâm và khu công nghiệp phía bắc.",
        "Cộng dồn từ đầu năm đến nay, tỉnh có 1.902 ca mắc, một ca tử vong. Hiện 7 ổ dịch đang được theo dõi, phun hóa chất vòng hai đã xong ở năm ổ.",
        "Để chủ động phòng, chống dịch, ngành y tế khuyến cáo người dân thường xuyên dọn dẹp quanh nhà, đậy kín bể chứa và phối hợp với chính quyền địa phương trong các đợt phun hóa chất. Khi có dấu hiệu sốt cao, cần đến ngay cơ sở y tế gần nhất để được khám.",
    ),
    _bulletin(
        "o2",
        "Sửa chữa hầm chui, phân luồng trên quốc lộ",
        "Việc phân luồng kéo dài đến trước Tết.",
        "Khu Quản lý đường bộ vừa có thông báo về việc điều chỉnh tổ chức giao thông phục vụ thi công sửa chữa hầm chui phía đông. Thời gian thực hiện từ 21 giờ ngày 3/12/2026 đến 5 giờ ngày 15/1/2027.",
        "Theo phương án được phê duyệt, hầm được đóng vào ban đêm, ban ngày mở một chiều. Xe tải đi theo quốc lộ cũ, xe khách vào bến trước 20 giờ. Lực lượng chức năng lắp đặt biển báo, bố trí người hướng dẫn tại các nút giao.",
        "Nhà thầu cam kết hoàn trả mặt đường trước ngày 15/1 và chịu phạt 50 triệu đồng cho mỗi ngày chậm. Người tham gia giao thông chấp hành hướng dẫn của lực lượng chức năng, lựa chọn lộ trình phù hợp.",
    ),
    _bulletin(
        "o3",
        "Tỉnh bạn đưa 9 thủ tục lên mạng",
        "Mục tiêu là phục vụ người dân mọi lúc, mọi nơi.",
        "Ủy ban nhân dân tỉnh vừa ban hành quyết định công bố danh mục 9 thủ tục hành chính thực hiện trên môi trường mạng thuộc lĩnh vực du lịch và thể thao. Quyết định có hiệu lực kể từ ngày ký.",
        "Phát biểu tại hội nghị triển khai, Phó Chủ tịch Ủy ban nhân dân tỉnh Lê Thị Thí nhấn mạnh, cán bộ phải xem sự hài lòng của người dân là thước đo. Trong mười tháng đầu năm, tỷ lệ hồ sơ trực tuyến của tỉnh đạt 48,2%, tăng 6 điểm phần trăm so với cùng kỳ năm trước.",
        "Sở Thông tin được giao tổ chức tập huấn cho công chức cấp xã, kinh phí lấy từ nguồn chuyển đổi số. Đơn vị nào để hồ sơ trễ hẹn quá 5% sẽ bị phê bình trước toàn tỉnh.",
    ),
    _bulletin(
        "o4",
        "Đội bóng phố núi vô địch giải trẻ",
        "Trận chung kết kết thúc sau loạt luân lưu.",
        "Tối qua, đội trẻ phố núi thắng đội chủ nhà 4-3 trong loạt sút luân lưu để lên ngôi tại giải bóng đá thiếu niên toàn quốc. Hai đội hòa 1-1 sau 80 phút chính thức, các bàn thắng đều đến từ tình huống cố định.",
        "Thủ môn Vũ Đình Giả cản phá hai quả phạt đền và được bầu là cầu thủ hay nhất trận. Huấn luyện viên cho biết các em đã tập đá luân lưu mỗi chiều suốt một tháng, kể cả khi trời mưa.",
        "Giải năm sau dự kiến mở rộng lên 24 đội, thi đấu ở ba cụm sân. Nhà tài trợ tặng đội vô địch học bổng trị giá 500 triệu đồng.",
    ),
    _bulletin(
        "o5",
        "Rét đậm kéo dài, nông dân lo mạ",
        "Nhiều nơi phải gieo lại lần thứ hai.",
        "Theo Đài Khí tượng thủy văn khu vực, khoảng đêm mai không khí lạnh sẽ ảnh hưởng đến các tỉnh phía bắc, gió đông bắc mạnh cấp 3, cấp 4. Nhiệt độ thấp nhất phổ biến 9-11 độ C, vùng núi có nơi dưới 6 độ C.",
        "Ở cánh đồng Khe Đá, bà Tạ Kim Ước che nilon cho ba sào mạ từ chập tối. Bà bảo năm ngoái mất trắng một lần nên năm nay không dám chủ quan. Hợp tác xã đã chuẩn bị hai tấn giống ngắn ngày để gieo bù.",
        "Cơ quan, đơn vị tổ chức trực ban nghiêm túc 24/24 giờ và báo cáo khi có tình huống, theo công điện mới nhất của tỉnh.",
    ),
    _bulletin(
        "o6",
        "Ra quân trồng cây, doanh nghiệp góp 20.000 cây giống",
        "Phong trào lan tới từng tổ dân phố.",
        "Sáng nay, hơn 600 đoàn viên ra quân trồng cây dọc tuyến đê. Kế hoạch giao Sở Nông nghiệp chủ trì, phối hợp với các đơn vị liên quan rà soát quỹ đất, lựa chọn giống cây và chăm sóc trong hai năm đầu.",
        "Một doanh nghiệp gỗ ủng hộ 20.000 cây keo giống. Chủ tịch huyện nói cây keo lớn nhanh nhưng dễ đổ, nên chỉ trồng xen với lim và dổi. Mỗi trường học nhận chăm sóc một đoạn dài 300 m.",
        "Năm ngoái huyện trồng 80.000 cây, bão làm gãy gần một phần ba. Người dân mong lần này có cọc chống ngay từ đầu.",
    ),
)
