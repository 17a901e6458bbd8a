"""Sentences of city news, written for this project, with blanks for names, places, days and numbers.

``[a|b]`` is a choice of wording; ``{p}`` a place, ``{q}`` another, ``{o}`` an office, ``{w}`` a person with an office,
``{x}`` a person, ``{d}`` a day, ``{h}`` an hour, ``{n}`` a number, ``{k}`` a small one, ``{c}`` a share, ``{m}`` a sum of
money, ``{s}`` the number of a document. ``news.py`` fills them in. What stands in ``FORMULAS`` is used as it is: texts
of all topics share it word by word, as real ones share their openings, appeals and endings.
"""

FORMULAS = """\
Phát biểu tại hội nghị, {w} ghi nhận và biểu dương những kết quả mà các đơn vị đã đạt được trong thời gian qua.
Phát biểu kết luận hội nghị, {w} yêu cầu các sở, ban, ngành tiếp tục phát huy kết quả đạt được, khắc phục những tồn tại, hạn chế.
Đề nghị cấp ủy, chính quyền các phường, xã tiếp tục đẩy mạnh công tác tuyên truyền, vận động nhân dân chấp hành nghiêm các quy định của pháp luật.
Cùng dự có đại diện lãnh đạo các sở, ban, ngành, đoàn thể thành phố và đông đảo người dân {p}.
Dự hội nghị có {w}; {w} cùng đại diện lãnh đạo các sở, ban, ngành liên quan.
Thời gian tới, thành phố tiếp tục chỉ đạo các đơn vị tăng cường kiểm tra, giám sát, kịp thời phát hiện và xử lý nghiêm các hành vi vi phạm.
Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị kịp thời báo cáo về {o} để tổng hợp, trình Ủy ban nhân dân thành phố xem xét, quyết định.
Văn phòng Ủy ban nhân dân thành phố có trách nhiệm theo dõi, đôn đốc việc thực hiện và báo cáo kết quả trước ngày {d}.
Quyết định có hiệu lực kể từ ngày ký; các cơ quan, tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành quyết định này.
Mọi thông tin chi tiết, tổ chức, cá nhân liên hệ với {o} trong giờ hành chính để được hướng dẫn và giải đáp.
Mọi ý kiến phản ánh xin gửi về tổng đài 1022 của thành phố hoặc ứng dụng phản ánh hiện trường để được tiếp nhận, xử lý theo quy định.
Theo đó, việc triển khai phải bảo đảm đúng tiến độ, tiết kiệm, hiệu quả, tránh phô trương hình thức.
Cơ quan chức năng khuyến cáo người dân nâng cao cảnh giác, không cung cấp thông tin cá nhân, mã xác thực cho bất kỳ ai dưới mọi hình thức.
Khi phát hiện các trường hợp nghi vấn, người dân cần báo ngay cho cơ quan công an nơi gần nhất để được hướng dẫn, xử lý kịp thời.
Đây là hoạt động thiết thực chào mừng các ngày lễ lớn của đất nước và của thành phố.
Đây là năm thứ {k} liên tiếp thành phố tổ chức hoạt động này, nhận được sự hưởng ứng tích cực của đông đảo người dân.
Kinh phí thực hiện được bố trí từ nguồn ngân sách thành phố và các nguồn huy động hợp pháp khác theo quy định.
Ủy ban nhân dân thành phố giao {o} chủ trì, phối hợp với các đơn vị liên quan tổ chức triển khai thực hiện.
Căn cứ chức năng, nhiệm vụ được giao, các sở, ban, ngành, Ủy ban nhân dân các phường, xã chủ động xây dựng kế hoạch thực hiện phù hợp với tình hình thực tế.
Thay mặt lãnh đạo thành phố, {w} gửi lời cảm ơn chân thành tới các tổ chức, cá nhân đã đồng hành, ủng hộ trong suốt thời gian qua.
Bên cạnh những kết quả đạt được, công tác này vẫn còn một số khó khăn, hạn chế cần được tập trung khắc phục trong thời gian tới.
Để chủ động phòng, chống dịch bệnh, ngành y tế khuyến cáo người dân thực hiện tốt các biện pháp vệ sinh cá nhân và vệ sinh môi trường.
Đề nghị người tham gia giao thông chấp hành hướng dẫn của lực lượng chức năng, lựa chọn lộ trình phù hợp để bảo đảm an toàn.
Đơn vị thi công có trách nhiệm bố trí đầy đủ biển báo, đèn tín hiệu và người hướng dẫn giao thông trong suốt quá trình thi công.
Thành phố phấn đấu hoàn thành vượt mức các chỉ tiêu, nhiệm vụ đã đề ra trong năm nay, tạo đà cho những năm tiếp theo.
Nhân dịp này, thành phố trao tặng bằng khen cho {k} tập thể và {n} cá nhân có thành tích xuất sắc.
Trước đó, Ủy ban nhân dân thành phố đã ban hành Kế hoạch số {s} về việc triển khai nhiệm vụ này trên địa bàn.
Thực hiện Kế hoạch số {s} của Ủy ban nhân dân thành phố, các đơn vị đã khẩn trương vào cuộc, bảo đảm tiến độ đề ra.
Kết luận buổi làm việc, {w} đề nghị các đơn vị nghiêm túc tiếp thu ý kiến, hoàn thiện báo cáo trước ngày {d}.
Hiện các cơ quan chức năng đang tiếp tục làm rõ nguyên nhân vụ việc và xử lý theo quy định của pháp luật.
Người đứng đầu đơn vị chịu trách nhiệm trước Chủ tịch Ủy ban nhân dân thành phố nếu để xảy ra chậm trễ, sai sót.
Hoạt động góp phần nâng cao đời sống vật chất, tinh thần cho nhân dân và giữ vững an ninh chính trị, trật tự an toàn xã hội trên địa bàn.
""".splitlines()

TOPICS = {
    "y tế": """\
{w} cho biết, tính đến {h} ngày {d}, [khoa cấp cứu|khoa nhi|khoa truyền nhiễm] tiếp nhận {n} [bệnh nhi|ca nặng|người bệnh], [gấp rưỡi|cao hơn hẳn|thấp hơn chút ít so với] tuần trước.
Trạm y tế {p} [mở thêm|bố trí|dựng] {k} bàn tiêm [ngay tại|trong|cạnh] nhà văn hóa, mỗi buổi [tiêm cho|phục vụ|đón] chừng {n} [cháu nhỏ|người già|lao động].
Tại {p}, [mẫu nước giếng|mẫu muỗi|bữa ăn bán trú] do {o} lấy hôm {d} có {k} chỉ tiêu [vượt ngưỡng|chưa đạt|phải thử lại], [đều ở|chủ yếu ở|riêng ở] {q}.
Bác sĩ {x} [dặn|nhắc|khuyên] gia đình có trẻ dưới {k} tuổi [chườm ấm|cho uống đủ nước|không tự mua kháng sinh] và đưa tới viện khi sốt quá {n} giờ.
[Đường dây|Nhóm trực|Kíp trực] cấp cứu {p} nhận {n} cuộc gọi trong đêm {d}, [một nửa|phần lớn|{c}] là [tai nạn|khó thở|đau ngực].
Bệnh viện ở {q} vừa [lắp xong|chạy thử|đưa vào dùng] máy [chụp cắt lớp|xạ trị|siêu âm tim] trị giá {m}, [rút|giảm] thời gian chờ từ {k} ngày xuống {k} ngày.
Bà {x}, nhà ở {p}, [xếp hàng|đến từ sớm|đi bộ] từ {h} để [khám mắt|đo huyết áp|lấy thuốc tiểu đường] cho [chồng|mẹ già|hai cháu].
{o} [thu giữ|niêm phong|tiêu hủy] {n} hộp thuốc [không nhãn|quá hạn|nghi giả] ở một [quầy|kho|gian hàng] tại {p}, ước tính {m}.
[Tỷ lệ|Mức] bao phủ mũi nhắc ở {p} mới [đạt|lên] {c}, [kém|thua] {q} tới {k} điểm, theo [bảng|báo cáo] ngày {d}.
Nhóm [sinh viên|điều dưỡng|tình nguyện viên] do {x} dẫn đầu [gõ cửa|ghé|đi hết] {n} căn hộ ở {p} để [lật úp|đậy kín|cọ rửa] chum vại.
{w} [nói thẳng|thừa nhận|phân trần] rằng {k} bệnh viện còn thiếu {n} [điều dưỡng|kỹ thuật viên|bác sĩ gây mê], [lương|trực đêm] là nguyên do.
Lô {n} liều vắc xin [về tới|được chuyển tới|nhập kho ở] {p} lúc {h} ngày {d}, [giữ|bảo quản] ở âm {k} độ.
Sau {k} năm [chạy thận|ghép thận|lọc máu], ông {x} [trở lại|vẫn gắn bó với] vườn rau ở {q} và [kể|chia sẻ] bữa ăn [nhạt|ít đạm] giúp ông khỏe.
Từ ngày {d}, người có thẻ bảo hiểm ở {p} [được|có thể] [chọn giờ|đặt lịch|xem kết quả] trên ứng dụng của {o}, phí {m}.
[Ổ dịch|Chùm ca bệnh] ở ngõ {n} {p} [khép lại|được xử lý xong] sau {k} lượt phun, [không thêm|chỉ thêm {k}] ca trong {n} giờ.
Một [căng tin|quán cơm|xe đẩy] gần {p} bị phạt {m} vì [dùng chung thớt|không lưu mẫu|để thịt ngoài nắng], {k} người phải [súc ruột|truyền dịch].
Khoa sản {q} [đón|đỡ đẻ] {n} bé trong {k} ngày nghỉ, bé nặng nhất {k},{k} ký là con chị {x}.
{o} [mời|tuyển] {n} [cộng tác viên dân số|nhân viên y tế thôn], phụ cấp {m} mỗi tháng, hồ sơ nhận tới {d}.
""",
    "giao thông": """\
Từ {h} ngày {d}, [xe tải|ô tô trên {k} chỗ|xe container] không được [vào|rẽ trái vào|đỗ trên] đường {p} để [thảm nhựa|thay dầm|đặt cống].
Cây cầu nối {p} với {q} [hợp long|thông xe|thử tải] sau {n} ngày [đêm|mưa nắng], dài {n} mét, tốn {m}.
{w} [đi bộ|khảo sát|thị sát] dọc {p} hôm {d} và [yêu cầu|giao] nhà thầu [nâng nắp cống|trả lại vỉa hè|vá {n} ổ gà] trong {k} ngày.
Xe buýt số {n} [chạy thêm|tăng] {k} chuyến [đầu giờ sáng|buổi tối|cuối tuần], [ghé|dừng] ở {p}, {q}, vé {m}.
Camera ở ngã tư {p} ghi {n} lượt [vượt đèn|sai làn|không đội mũ] trong tuần tới {d}, [giảm|tăng] {c}.
Ông {x}, [tài xế|phụ xe|chạy xe ôm] bến {q} {n} năm, [bảo|than] đoạn {p} cứ {h} là [kẹt cứng|nước ngập|bụi mù].
{o} [cắm|dời|thay] {n} biển ở {p}, [vì|do] {k} vụ va quệt xảy ra [quanh|ngay] vòng xuyến hồi tháng {k}.
Tàu điện tuyến {k} [chạy thử|chở khách] tới {p} ngày {d}, mỗi toa {n} chỗ, [cách|giãn] {k} phút.
Gói thầu mở rộng {p} bị [chậm|dừng] {n} ngày bởi {k} hộ ở {q} [chưa nhận|còn khiếu nại] tiền đền bù {m}.
Phà {q} [ngừng|giảm] chuyến khi gió cấp {k}, {n} khách [ở lại|qua đêm] nhà chờ, {o} [phát|chia] mì và nước.
[Bãi giữ xe|Hầm gửi xe] {p} thu {m} một lượt, [quá|gấp {k} lần] giá niêm yết, đội kiểm tra [lập biên bản|đóng cửa] hôm {d}.
{x} lái xe con [húc|va] dải phân cách {p} lúc {h}, nồng độ cồn {k},{n}, bị [giữ bằng|phạt {m}].
Đoạn sụt ở {p} rộng {k} mét [được lấp|rào lại] bằng {n} khối đá, [dự kiến|hẹn] trả mặt đường {d}.
Nhóm {n} học sinh {q} [thiết kế|góp ý] vạch sang đường [nổi|có đèn] trước cổng, {o} [nhận|cho làm thử] tại {p}.
Dịp lễ, bến {p} [tiễn|đón] {n} khách, {k} xe [quá tải|thay giá vé] bị {o} [xử lý|trả lại bến].
Đèn đỏ ở nút {p} được [chỉnh|lập trình] {n} giây, hàng xe [ngắn|bớt] {c}, theo đếm của {x}.
Luồng tàu qua cửa {q} [nạo vét|khơi] {n} khối bùn, tàu {n} tấn [vào|cập] được {p} từ {d}.
Làn riêng cho xe đạp dài {k} cây số men {p} [mở|khánh thành] ngày {d}, {n} xe công cộng [đặt|chờ] ở {k} trạm.
""",
    "giáo dục": """\
Trường {p} [đón|nhận] {n} học sinh lớp một, [nhiều|đông] hơn năm ngoái {k} lớp, nên [học luân phiên|mượn nhà văn hóa|dựng phòng tạm].
Cô {x} dạy [hóa|văn|nhạc] ở {q} [tự làm|chế] {n} bộ thí nghiệm từ [vỏ chai|bìa cứng], [được|đem] trưng bày ngày {d}.
{w} [chốt|công bố] lịch nghỉ của {n} trường, [muộn|sớm] hơn {k} ngày, học bù vào {d}.
Điểm chuẩn vào lớp mười ở {p} là {n},{k}, [nhỉnh|hạ] {k},{k} điểm; {q} [tuyển|lấy] thêm {n} em.
Bữa trưa {m} của trường {p} bị phụ huynh [cân|chụp] lại hôm {d}, [thiếu|hụt] {n} gam thịt, bếp trưởng {x} [xin lỗi|nghỉ việc].
{o} [rà|thanh tra] {k} trung tâm ngoại ngữ ở {p}, {k} nơi [treo biển|thu phí] khi chưa phép, [hoàn|trả] {m}.
Em {x}, lớp {k}, [giành|mang về] huy chương môn [tin|sinh|sử] sau {n} giờ thi, [kém|hơn] người kế {k} điểm.
Ký túc xá {q} [sửa|sơn] xong {n} phòng, sinh viên [dọn vào|bốc thăm] hôm {d}, giá {m} một tháng.
Thư viện lưu động chở {n} cuốn tới {p} mỗi thứ [ba|năm], trẻ [mượn|đọc] hết {c} trong {k} tuần.
Học bổng mang tên {x} [trao|gửi] cho {n} em mồ côi ở {p}, mỗi em {m} và một [xe đạp|máy tính].
Lớp xóa mù ở {q} có {n} bà con, [già nhất|lớn tuổi nhất] là cụ {x}, học lúc {h} sau giờ [chợ|làm đồng].
{n} giáo viên [hợp đồng|mầm non] ở {p} [ký|nhận] biên chế ngày {d}, lương từ {m}.
Trường nghề {q} [ghép|mở] lớp hàn với xưởng của {x}, {c} học viên [có việc|ở lại xưởng] sau {k} tháng.
Sân trường {p} [trồng|phủ] {n} cây, em {x} [ghi|đo] nhiệt thấy mát hơn {k} độ lúc {h}.
Đề thi thử môn toán của {o} có câu {k} [sai|in thiếu], {n} bài được [chấm lại|cộng điểm].
Khảo sát {n} phụ huynh ở {q} cho thấy {c} [muốn|ủng hộ] bỏ [dạy thêm|điện thoại trong lớp], {k} người [phản đối|chưa rõ].
Quỹ lớp {k} trường {p} thu {m}, {w} [buộc|yêu cầu] trả trước {d} và [công khai|niêm yết] từng khoản.
Nhóm robot của {x} [thắng|vào chung kết] {n} đội nhờ cánh tay in từ nhựa [tái chế|cũ] nặng {k} lạng.
""",
    "môi trường": """\
Trạm đo ở {p} ghi bụi mịn {n} lúc {h} ngày {d}, [gấp|cao hơn] {q} {k} lần, [xe tải|đốt rơm|lò gạch] là nguồn chính.
{n} tấn rác [đọng|ùn] ở {p} {k} ngày vì xe ép [hỏng|thiếu tài xế], {o} [thuê|điều] thêm {k} xe.
{w} [cam kết|hứa] lắp {n} thùng phân loại ở {q} trước {d}, ai bỏ lẫn bị [nhắc|phạt {m}].
Kênh {p} dài {k} cây số được [vét|thông] {n} khối bùn, bà {x} [thấy|mừng vì] cá rô [về|nổi] lại.
Cơ sở [nhuộm|tái chế|giết mổ] của {x} xả {n} khối mỗi đêm ra {q}, bị [cắt điện|đình chỉ] từ {h}.
{n} cây sấu, [bằng lăng|lát hoa] bật gốc ở {p} sau trận gió {d}, {k} xe [bẹp|vỡ kính].
Nhà máy xử lý nước {q} [nâng|chạy] công suất {n} khối, mùi hôi [giảm|bớt] {c}, vốn {m}.
Nhóm của {x} [lội|chèo] {k} giờ nhặt {n} ký rác nhựa quanh {p}, [bán|đổi] được {m} góp quỹ.
Hạt kiểm lâm {q} [thả|cứu] {k} cá thể [rùa|khỉ|tê tê] do ông {x} giao nộp hôm {d}.
Mưa {n} milimét trong {k} giờ [làm|khiến] {p} ngập {n} phân, {o} mở {k} cửa xả lúc {h}.
Lò đốt ở {q} [ngưng|tắt] sau {n} lá đơn, {w} [gặp|xin lỗi] dân ngày {d}, đền {m} mỗi hộ.
Chợ {p} bỏ túi ni lông từ {d}, {n} tiểu thương [nhận|dùng] lá chuối, tốn thêm {m} một ngày.
Mực sông ở {p} [lên|xuống] {k},{n} mét, đê {q} có {k} chỗ [thấm|nứt], {n} người [canh|đắp].
Dự án điện mặt trời trên mái {n} trường ở {q} [phát|bù] {c} điện dùng, [hoàn vốn|lãi] sau {k} năm.
Pin cũ thu ở {p} được {n} ký, {x} [đổi|tặng] {k} chậu sen đá cho người mang tới trước {d}.
Hồ {p} [chết|nổi] {n} ký cá hôm {d}, mẫu nước [thiếu ô xi|có amoni], {o} [sục khí|thay nước] {k} ngày.
Bãi rác {q} [phủ bạt|đóng] ô số {k}, nước rỉ [dẫn|bơm] về bể {n} khối, giám sát là {x}.
Ngõ {n} {p} có {k} bức tường [hoa|tranh] do {x} vẽ thay đống [xà bần|bàn ghế cũ].
""",
    "kinh tế": """\
Giá [rau|cá|thịt heo] ở chợ {p} sáng {d} [nhích|tụt] {c}, bà {x} bán {n} ký trước {h}.
Doanh nghiệp của {x} ở {q} [xuất|gửi] {n} tấn [bưởi|gốm|hạt điều], thu {m}, [vượt|đạt] {c} kế hoạch.
{w} [trao|ký] giấy phép cho {k} dự án ở khu công nghiệp {p}, tổng vốn {m}, tạo {n} việc.
{o} [kiểm|niêm phong] {k} cây xăng ở {q}, một nơi [bớt|gian] {k} phần nghìn, phạt {m}.
Ngân hàng [giảm|hạ] lãi còn {k},{k} phần trăm cho {n} hộ ở {p}, hạn trả tới {d}.
Phiên chợ đêm {q} [bán|thu] {m} trong {k} tối, gian [mắm|dệt] của {x} hết hàng lúc {h}.
Thuế khoán bỏ từ {d}, {n} hộ ở {p} [tập|lúng túng] xuất hóa đơn, {o} cử {k} nhóm [kèm|tới nhà].
Kho lạnh {q} [trữ|nhận] {n} tấn [thịt|rau] cho Tết, [đủ|hơn] {k} tuần bán, theo {x}.
Xưởng [mộc|may|đúc] ở {p} [sa thải|nhận lại] {n} thợ sau khi đơn hàng [hụt|tăng] {c}.
Khách tới {q} dịp lễ {n} lượt, [phòng trống|công suất phòng] {c}, bà {x} cho thuê [nhà sàn|thuyền] giá {m}.
Đất đấu giá {p} [trúng|hét] {m} một mét, {k} người [bỏ cọc|rút], {w} [hủy|cho đấu lại] hôm {d}.
Chỉ số sản xuất tháng {k} của {q} [tăng|lùi] {c}, [giấy|cơ khí|da giày] [kéo|giữ] mức chung.
Hợp tác xã {p} bán {n} ký [nhãn|na] qua mạng trong {k} giờ, phí gửi {m}, do {x} [livestream|đứng bếp].
Cảng {q} [xếp|dỡ] {n} công ten nơ ngày {d}, tàu [chờ|neo] {k} giờ vì [thiếu cẩu|sương mù].
Siêu thị {p} [giảm|bán] {k} nghìn món {c}, khách [xếp hàng|chen] từ {h}, một người [ngất|lạc con].
Vàng giả {k} lượng lọt vào tiệm của {x} ở {q} hôm {d}, chủ tiệm [mất|đền] {m}.
{n} ki ốt ở {p} [bỏ trống|sang nhượng], tiền thuê {m} mỗi tháng, {o} [giảm|miễn] tới {d}.
Startup của {x} [gọi|nhận] {m} để [ủ phân|sấy mít|làm giấy] bằng lò {n} ký ở {q}.
""",
    "hành chính": """\
Bộ phận một cửa {p} [mở|làm] cả sáng thứ bảy từ {d}, [nhận|trả] {n} hồ sơ, chờ trung bình {k} phút.
{w} [bị|nhận] phê bình vì {n} hồ sơ đất ở {q} [trễ|quên] quá {k} tháng, phải xong trước {d}.
Ông {x} [đổi|làm lại] căn cước ở {p} lúc {h}, [mất|tốn] {k} phút và {m} lệ phí.
Sáp nhập {p} với {q} thành một phường {n} dân, trụ sở [đặt|giữ] ở số {n}, họp [kín|đầu tiên] ngày {d}.
{o} [bỏ|gộp] {k} mẫu đơn, [thay|dùng] mã quét, tiết kiệm {m} giấy in một năm cho {p}.
Đường dây nóng nhận {n} phản ánh về {q}, [xong|trả lời] {c}, còn {k} vụ [karaoke|lấn hẻm|chó thả rông].
Chị {x} [khai sinh|nhập học|chuyển khẩu] cho con bằng điện thoại ở {p}, kết quả [đến|gửi] sau {n} giờ.
Kỳ họp thứ {k} [thông qua|bàn] {n} nghị quyết, [phí vỉa hè|giá nước|tên đường] ở {q} gây [tranh luận|chia phiếu].
Robot hướng dẫn ở {p} [trả lời|hiểu] {c} câu hỏi, vấp {k} lần với giọng [già|địa phương] của cụ {x}.
{n} công chức {q} thi [nâng ngạch|tin học] ngày {d}, {k} người [quay cóp|vắng], bài chấm bởi {o}.
Con dấu của {p} [thất lạc|bị làm giả] {k} ngày, {n} giấy [phải ký lại|vô hiệu], {w} [giải trình|xin lỗi].
Phiếu hỏi {n} người dân {q} cho điểm {k},{k} trên mười, [thấp nhất|kém] ở khâu [chờ|bổ sung giấy].
Quyết định số {s} [giao|rút] {k} việc cấp phép cho {p}, trước đây [thuộc|do] {o} làm.
Tổ lưu động của {x} [mang|chở] máy in tới {n} nhà [người liệt|neo đơn] ở {q}, mỗi nhà {k} phút.
Kho lưu trữ {p} [số hóa|quét] {n} trang sổ hộ tịch, trang [cũ|mờ] nhất năm {n} của họ {x}.
Giá đất mới ở {q} từ {d} [gấp|bằng] {k} lần, {n} hộ [xin|nộp] chuyển mục đích trước {h}.
Trụ sở cũ {p} rộng {n} mét [thành|cho làm] nhà trẻ, sửa hết {m}, mở {d}.
{w} tiếp {n} lượt dân, [giải quyết|nhận] {k} đơn về [hàng rào|lối đi|cống chung] ở {q}.
""",
    "văn hóa": """\
Hội [vật|đua thuyền|thả diều] {p} [mở|trở lại] ngày {d} sau {k} năm, {n} đô [ghi danh|đấu], giải {m}.
Đình {q} [hạ giải|lợp lại] {n} viên ngói, thợ {x} [tìm|gặp] câu đối năm {n} dưới lớp [sơn|vôi].
Triển lãm {n} bức [lụa|dó|ký họa] của {x} ở {p} [kéo dài|đóng] tới {d}, vé {m}, có {k} buổi [nói chuyện|vẽ chung].
{o} [trao|truy tặng] danh hiệu cho {k} nghệ nhân {q}, cụ {x} hát [chèo|ca trù|xẩm] lúc {h}.
Rạp {p} chiếu lại phim {k} tập, bán {n} vé trong {k} giờ, khán giả [già|trẻ] đứng vỗ tay.
Làng {q} [nhuộm|dệt] {n} tấm vải [chàm|đũi] cho vở của {x}, mỗi tấm {m}, giao {d}.
Bảo tàng {p} [mượn|nhận] {n} hiện vật [gốm|súng hỏa mai|sách cổ], [soi|chụp] thấy dấu son của {x}.
Phố sách {q} [đón|có] {n} khách dịp lễ, cuốn của {x} [hết|in thêm] {k} nghìn bản.
{w} [gỡ|đổi] tên {k} đường ở {p}, có đường mang tên {x}, dân [góp ý|ký] {n} lá phiếu.
Dàn nhạc {q} diễn ngoài trời {h} ngày {d}, trời [mưa|lạnh] mà {n} ghế [kín|vắng] {c}.
Bia đá ở {p} nặng {k} tấn [vỡ|bị sơn] đêm {d}, {o} [dán|lau] mất {n} giờ.
Lớp rối nước của {x} ở {q} có {n} em, [đục|sơn] con rối đầu tiên sau {k} tuần.
Lễ cúng [rừng|bến] của {p} xin lập hồ sơ, {n} trang, {k} clip, {x} [kể|dịch] lời khấn.
Quán [nem|bún|chè] {n} năm ở {q} vào cẩm nang, bà {x} bán {k} nồi tới {h}.
Áo dài của {x} [may|ghép] từ {n} mảnh vụn, [treo|đấu giá] được {m} ở {p}.
Ảnh cũ chụp {p} năm {n} [thấy|tìm] trong vali của {x}, {o} [xin|scan] {k} tấm.
Giọng ca nhí {x}, {k} tuổi ở {q}, [thua|thắng] {n} phiếu trong đêm {d}.
Nhà cổ số {n} {p} [cho thuê|sụp mái], {w} bỏ {m} [chống|giữ] hàng cột lim.
""",
    "an ninh": """\
Công an {p} [bắt|mời làm việc] {x} vì [lừa|chiếm đoạt] {m} của {n} người qua [ứng dụng|trang bán vé] giả.
Cháy [xưởng|dãy trọ|kho sơn] ở {q} lúc {h} ngày {d}, {k} xe [dập|chữa] {n} phút, ông {x} [thoát|bỏng] bằng thang dây.
{w} [phát|thưởng] {m} cho {x}, người [giữ|đuổi] tên giật túi qua {k} ngõ {p}.
Diễn tập [cứu sập|chống bạo loạn|sơ tán] ở {q} huy động {n} người, {k} máy bay không người lái, [sai|trễ] {k} phút.
{o} [rà|gắn] chuông báo ở {n} chung cư nhỏ {p}, {c} [thiếu|khóa] lối thoát.
Nhóm {k} thiếu niên [đua|hú ga] từ {p} tới {q} bị chặn {h}, thu {n} xe, gia đình {x} [ký cam kết|nhận xe].
Quân y {q} [khám|phát thuốc] cho {n} dân vùng ngập {p}, [ở lại|dựng lán] {k} đêm.
Tài khoản giả {w} [xin|vay] {m} của {n} bạn bè, [sập|khóa] sau {k} giờ, theo {x}.
Pháo lậu {n} ký giấu [trong|dưới] thùng [cam|loa] tới {p} ngày {d}, tài xế {x} [khai|bỏ chạy] sau {k} phút.
Tổ an ninh {q} [tuần|đi] {k} ca đêm, đèn pin {m} một cái, bắt {n} vụ trộm [chó|sắt|cáp].
Tân binh {p} [lên đường|nhập ngũ] {d}, {n} người, {k} cặp song sinh, mẹ {x} [gói|dúi] xôi.
Máy rút tiền {q} bị [gắn|dán] đầu đọc, {n} thẻ [lộ|khóa], ngân hàng bù {m} trước {d}.
Tàu cá của {x} [trôi|chết máy] cách {p} {n} hải lý, {k} người được [kéo|trực thăng] về lúc {h}.
Khu trọ {q} có {n} người không [khai|đăng ký] tạm trú, chủ nhà {x} phạt {m}.
Giấy khen cho em {x}, lớp {k}, vì [trả|nhặt] {m} ở cổng {p} hôm {d}.
Xét xử {x} và {k} đồng phạm [bán|độn] {n} tấn đường [ẩm|lậu], tòa {q} tuyên {n} tháng.
Chó nghiệp vụ {p} [tìm|đánh hơi] bé {k} tuổi lạc {n} giờ trong [rừng|nghĩa trang] {q}.
Cuộc gọi giả [điện lực|toà án] tới cụ {x} kéo {k} giờ, cán bộ {p} [giữ|ngăn] {m}.
""",
    "nông nghiệp": """\
Ông {x} ở {p} [gặt|mất] {k} sào lúa, năng suất {n} ký, [rầy|chuột|mặn] ăn {c}.
{o} [tiêm|tiêu hủy] {n} con [heo|vịt] ở {q} từ {d}, mỗi con đền {m}.
Nước về kênh {p} [chậm|sớm] {k} ngày, {n} hecta [đổ ải|gieo sạ] xong {c}.
Vườn [cam|sầu riêng|thanh long] của {x} [trĩu|rụng] {n} quả, lái [ép|trả] {m} một ký.
{w} [lội|đi] ruộng {q} ngày {d}, [hứa|cấp] {n} ký giống [ngắn ngày|chịu mặn].
Trại gà {p} [tự ấp|nhập] {n} con, điện [cúp|chập] {k} giờ làm [ngạt|chết] {c}.
Máy cấy thuê ở {q} {m} một sào, {k} máy làm cho {n} hộ tới {h}.
Ao tôm của {x} [trắng|lãi] sau {n} ngày, nước đục vì [mưa|tảo], kiểm {k} lần.
Trà {p} hái {k} búp, sao ở {n} độ, bà {x} [gửi|chào] {n} gói sang [Nhật|Đức].
Trạm bơm {q} [chạy|cháy] {k} tổ, rút {n} khối, [cứu|bỏ] {c} rau vụ đông.
Bò sữa của {x} cho {n} lít, [ăn cỏ ủ|nghe nhạc khi vắt], giá {m} ở trạm {p}.
Mật ong {q} [đông|lên men], nhóm {k} người quay {n} chai, bán {d}.
Chuột phá {n} mẫu ở {p}, {o} trả {m} một đuôi, em {x} nộp {k} trăm.
Hoa cho Tết ở {q} nở [sớm|muộn] {k} ngày, {n} chậu cúc [bán|đổ] tại ruộng.
Rừng {p} trồng {n} cây [dổi|quế], ông {x} [giữ|tuần] {k} quả đồi, nhận {m}.
Nấm rơm của {x} ra {n} ký mỗi {k} ngày, rơm [mua|xin] ở {q} sau vụ {d}.
Giá phân [giảm|leo] {c}, hợp tác xã {p} mua chung {n} bao, bớt {m}.
Cá lồng {q} nổi {n} con sáng {d}, [lũ|đập xả] lúc {h}, {k} hộ trắng tay.
""",
    "xã hội": """\
Mái nhà của bà {x} ở {p} [xong|dựng] sau {n} ngày, {k} thợ làm không công, hết {m}.
{o} [chi|phát] {n} suất ở {q} trước {d}, mỗi suất {m} và {k} ký gạo.
Bếp của {x} [nấu|bưng] {n} phần cháo mỗi sáng cho [người nuôi bệnh|ve chai] quanh {p}.
Ngày hội việc làm {q} có {n} người tới, {c} [được hẹn|nhận], lương {m}, [thợ hàn|may] thiếu nhất.
{w} [thăm|dự cơm] {k} xóm trọ {p} đêm {d}, nghe {x} kể chuyện [tiền điện|gửi con].
Giếng thứ {k} do {x} đào cho {q} sâu {n} mét, nước [trong|lợ], bơm bằng {m} quyên góp.
Máu hiếm của {n} người chuyển tới {p} lúc {h}, cứu chị {x} sinh con {k} ký.
Trẻ lạc ở {q} được {x} [dắt|cõng] về sau {k} giờ nhờ {n} lượt chia sẻ.
Nhà dưỡng lão {p} [nhận|chật] {n} cụ, cụ {x} {n} tuổi [dạy|đánh] cờ.
Đường hoa dài {n} bước ở {q} do {k} bà trồng, [hái|giẫm] bị nhắc trên loa {h}.
Công nhân {p} [ngừng việc|đối thoại] ngày {d} vì suất ăn {m}, {c} [đồng ý|quay lại].
Lớp bơi của {x} dạy {n} em vùng sông {q}, {k} buổi, [phí|áo phao] {m}.
Hũ gạo của chi hội {p} được {n} ký, chia cho {k} nhà có người [liệt|mù].
Cặp vợ chồng {x} ở {q} [cưới|tái hợp] sau {n} năm, mâm {m}, không [rạp|vàng].
Xe lăn thứ {n} được {x} hàn từ [ống|xe đạp] cũ, tặng em {k} tuổi ở {p}.
Thư của {n} em nhỏ {q} gửi đảo [kịp|lên tàu] ngày {d}, dài nhất {k} trang của {x}.
Tiền phúng của cụ {x}, {m}, gia đình [góp|xây] cầu ván ở {p} cho {n} người qua.
{c} lao động {q} thiếu hợp đồng, {o} [khởi|nhắc] {k} chủ xưởng, trả {m} trước {d}.
""",
    "thể thao": """\
Đội {p} [thắng|hòa] {q} {k}-{k} chiều {d}, {x} [ghi|kiến tạo] phút {n} trước {n} khán giả.
{x}, {n} tuổi, [chạy|bơi] quanh {p} hết {k} giờ, [phá|kém] kỷ lục {n} giây.
Sân {q} [trải|thay] cỏ {m}, đèn {n} bóng, mở lại {d} cho {k} câu lạc bộ.
{w} [trao|treo] thưởng {m} nếu đội {p} trụ hạng trước vòng {n}.
Võ đường của {x} có {n} môn sinh {q}, [thi|lên] đai hôm {d}, rớt {k}.
Giải [cờ|cầu lông|bi sắt] người khuyết tật ở {p} {n} tay vợt, {x} [đánh|thắng] bằng tay trái.
Trọng tài {x} [rút|nhầm] {k} thẻ đỏ, trận ở {q} dừng {n} phút lúc {h}.
Phòng tập {p} [thu|lừa] {m} của {n} hội viên rồi đóng, {o} [nhận|gom] đơn tới {d}.
Cung thủ {x} bắn {n} điểm, [gió|nắng] cấp {k} ở {q}, [đứng|lỡ] huy chương đồng.
Đua ghe {p} {k} hiệp, ghe {n} tay chèo của {q} [lật|về] đích lúc {h}.
Học sinh {x} nhảy {k},{n} mét ở {p}, [gãy|lành] cổ chân trước giải {d}.
Đường chạy đêm {q} bán {n} suất, [trễ giờ|hoãn vì mưa], áo {m}, {k} người phải nghỉ giữa chừng.
Huấn luyện viên {x} [rời|ký] {p} sau {n} trận, lương {m}, [trợ lý|học trò] ngồi thay.
Hồ bơi {q} [lọc|xả] {n} khối, mở {h}, vé {m}, cứu hộ {k} người.
Trận giao hữu cựu binh {p} gây quỹ {m} cho {x}, {k} hiệp, {n} bàn.
{n} vận động viên {q} [thử|dính] chất cấm trước {d}, {k} mẫu [gửi|giữ] ở {o}.
Bàn bi a ở {p} do {x} đóng nặng {n} ký, bán {m}, khách đặt tới {d}.
Kỳ thủ {k} tuổi {x} [cầm hòa|đấu] {n} người cùng lúc ở {q} tới {h}.
""",
    "khoa học": """\
Nhóm {x} ở {p} [in|nuôi] mô sụn {n} lớp, [giữ|sống] {k} tuần, công bố {d}.
Cảm biến lũ giá {m} [đặt|treo] ở {n} cầu {q} báo trước {k} giờ, sai {c}.
{o} [cấp|duyệt] {m} cho {k} đề tài, có máy [bóc|tách] hạt của nông dân {x} {p}.
Kính thiên văn ở {q} [thấy|chụp] sao chổi lúc {h} ngày {d}, mờ {k} bậc, {n} người xem.
Phần mềm đọc chữ Nôm của {x} đúng {c}, [học|tập] trên {n} trang sắc phong {p}.
Gạch từ [bùn|tro] {q} chịu {n} tấn, nhẹ hơn {k} phần, lát thử {p} {m}.
Máy bay phun thuốc rơi ở {p} hôm {d}, {x} [quên|sạc] pin, hỏng {m}, cháy {n} mét rạ.
Giống lúa số {n} của {o} [chín|đổ] sau {k} tháng, trồng {q}, cơm [dẻo|khô].
Xe buýt tự lái chạy {k} vòng {p}, phanh gấp {n} lần, chở {x} và {w}.
Vi khuẩn ăn dầu ở {q} [sạch|giảm] {c} vết loang sau {n} giờ, giá {m} một lít.
Em {x} lớp {k} {p} [ghép|chế] tay giả {m}, cầm được {n} gam.
Mạng {k}G phủ {c} {q}, trạm thứ {n} dựng {d}, dân [kiện|khen] cột gần nhà.
Hố khoan {n} mét ở {p} gặp nước nóng {n} độ, {o} [đo|theo dõi] thêm {k} tháng.
Chợ dữ liệu {q} có {n} bộ, tải {k} nghìn lượt, bộ [bụi|giá rau] của {x} nhiều nhất.
Máy dò bom của {x} [kêu|lặn] {n} điểm ở {p}, {k} quả nổ xử lý lúc {h}.
Đồng hồ nước thông minh {q} [báo|rò] {n} ca, giảm thất thoát {c}, lắp {m} một cái.
Hội thảo ở {p} ngày {d} có {n} tham luận, {k} của nước ngoài, {x} [chủ trì|tổng kết] phiên cuối.
Vệ tinh {k} ký của sinh viên {q} [mất|nối] liên lạc sau {n} phút, tốn {m}.
""",
}

# What the pages of a site say of the site, and newsrooms of themselves.
SITE_LINES = """\
Trang thông tin điện tử tổng hợp {site}. Giấy phép số {s} do Sở Thông tin và Truyền thông cấp ngày {d}. Chịu trách nhiệm nội dung: {x}.
Tòa soạn: số {n} đường {p}. Điện thoại: 024.3{n}.{n}. Ghi rõ nguồn {site} khi phát hành lại thông tin từ trang này.
Bản quyền thuộc về Công ty Cổ phần {site}. Nghiêm cấm sao chép dưới mọi hình thức nếu không có sự chấp thuận bằng văn bản.
Đăng ký nhận bản tin hằng ngày của {site} qua thư điện tử để không bỏ lỡ những tin tức đáng chú ý nhất trong ngày.
Ý kiến của bạn sẽ được biên tập trước khi đăng. Xin vui lòng gõ tiếng Việt có dấu, không dùng từ ngữ thiếu văn hóa.
Bạn đọc có thể báo tin, gửi bài viết, clip, ảnh về đường dây nóng {n}.{n} để cộng tác với {site} và nhận nhuận bút.
""".splitlines()
