"""Help on pages of digests, rankings, results, schedules, saved filters and open data."""

from collections.abc import Mapping

# Template -> what it is for and what to do first, in Vietnamese and English.
PAGES: Mapping[str, tuple[str, str]] = {
    "bulletins/spread.html": (
        "Một bản tin đã đi đâu: ai đăng trước, ai lấy lại từ ai, chậm bao lâu sau giờ phát. Xem hình trước, rồi bảng "
        "bên dưới; tên trang mở bằng chứng của bài ấy.",
        "Where one bulletin went: who carried it first, who took it from whom, how long after its release. Look at the "
        "picture, then at the table; a site's name opens the evidence of its copy.",
    ),
    "digests/show.html": (
        "Một ngày hoặc một tuần gói trên một trang: phát gì, lan tỏa tới đâu, hỏng gì, còn chờ gì, so với cùng lúc "
        "tuần trước. Mỗi con số bấm vào được. Muốn nhận qua thư thì đặt lịch ở mục Gửi định kỳ.",
        "A day or a week on one page: what went out, how far it went, what failed, what waits, beside the same time a "
        "week earlier. Every figure opens its rows. To get it by mail, make a schedule.",
    ),
    "filters/index.html": (
        "Những lựa chọn hay dùng của danh sách bài lan tỏa và tiến độ, của bạn hoặc của cả cơ quan. Bấm tên để mở. "
        "Muốn lưu thêm, chọn điều kiện ở danh sách rồi bấm Bộ lọc đã lưu.",
        "Choices of the copies and of the progress that are often needed, yours or the office's. Press a name to open "
        "it. To keep another, choose in the list and press Saved filters.",
    ),
    "open_data/index.html": (
        "Các bảng để phần mềm khác đọc, tên cột không đổi theo thời gian. Thường thì phải có khóa; người quản trị có "
        "thể mở cho mọi người.",
        "Tables for other programs to read; their columns keep their names. A key is needed unless an administrator "
        "opens them for everybody.",
    ),
    "partners/report.html": (
        "Kết quả của một đối tác trong một kỳ, đúng như đối tác thấy trong cổng. Chọn kỳ ở trên; tải PDF để gửi đi.",
        "One partner's results in a period, as the partner sees them in the portal. Choose the period on top; take the "
        "PDF to pass it on.",
    ),
    "recognition/index.html": (
        "Xếp đối tác theo bài đúng quy định, không theo lượt xem; cách xếp ghi ngay đầu trang. Chọn kỳ, xem hai bảng, "
        "rồi tải thư cảm ơn để sửa và trình ký.",
        "Ranks partners by proper copies, never by views; the rule stands on top. Choose the period, look at both "
        "lists, then take the thank-you letters to be signed.",
    ),
    "results/show.html": (
        "Kết quả của một kế hoạch trên toàn thời gian của nó: chỉ tiêu, chuyên đề, đối tác, từng tuần. Kế hoạch còn "
        "chạy thì đây là số tới lúc mở trang.",
        "One plan's result over its whole time: targets, topics, partners, weeks. While the plan runs these are the "
        "figures so far.",
    ),
    "schedules/form.html": (
        "Đặt báo cáo nào, gửi lúc nào, tới ai. Chọn nhịp và giờ là đủ; dòng cron chỉ dành cho nhịp đặc biệt. Lưu rồi, "
        "trang lịch cho biết những lần gửi tới.",
        "Which report goes when and to whom. A rhythm and a time of day are enough; the cron line is for odd rhythms. "
        "Once saved, the schedule's page names the next times.",
    ),
    "schedules/index.html": (
        "Những báo cáo tự gửi qua thư. Bấm một lịch để xem lần tới và đã gửi gì cho ai. Lịch mới thì chọn loại báo cáo "
        "ở dưới.",
        "Reports that go by mail by themselves. Open one to see its next time and what was sent to whom. For a new one "
        "choose a kind below.",
    ),
    "schedules/show.html": (
        "Một lịch gửi: lần tới, nơi nhận, và kết quả từng lần. Thư hỏng hoặc chưa rõ thì bạn quyết định gửi lại hay bỏ "
        "qua. Muốn xem thử trước thì bấm Gửi ngay cho tôi.",
        "One schedule: its next time, who receives it, what became of each time. Where a letter failed or is in doubt "
        "you decide. To see one first, press Send to me now.",
    ),
}
