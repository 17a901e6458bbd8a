"""Help on pages of the day, of bulletins, of the calendar and of what is sent."""

from collections.abc import Mapping

# Template -> what it is for and what to do first, in Vietnamese and English.
PAGES: Mapping[str, tuple[str, str]] = {
    "bulletins/approve.html": (
        "Đọc kỹ đúng văn bản sẽ ra ngoài, rồi duyệt, hẹn giờ hoặc trả lại kèm lý do. Chữ ký của bạn gắn với đúng "
        "bản sửa này: sửa một chữ là phải duyệt lại. Không ai duyệt bài mình viết.",
        "Read the very text that will go out, then approve, schedule or return it with a reason. Your approval "
        "holds for this revision alone. Nobody approves their own text.",
    ),
    "bulletins/compare.html": (
        "So hai bản sửa từng chữ: thêm, bớt, giữ nguyên. Dùng khi cần biết từ lần duyệt trước đã đổi gì. Trang này "
        "chỉ để đọc.",
        "Two revisions word by word: added, taken out, kept. For seeing what has changed since the last approval. "
        "Nothing can be changed here.",
    ),
    "bulletins/copies.html": (
        "Các trang đã đăng lại bản tin này và từng bài đang ở mức nào. Mở một bài để xem chứng cứ. Bài mờ là đang "
        "chờ người xem xét hoặc đã bị loại, chưa tính vào số xác nhận.",
        "The pages that carry this bulletin and how far each has come. Open one for its evidence. Those that wait "
        "for review or were rejected are not in the confirmed figure.",
    ),
    "bulletins/correct.html": (
        "Viết lại cho đúng và nêu chỗ đã sửa. Khi được duyệt, bản đính chính tới mọi nơi đã nhận bản cũ, và máy "
        "theo dõi đến khi các trang sửa theo. Bản cũ vẫn giữ trong hồ sơ.",
        "Write it right and say what was wrong. Once approved it goes to everybody who had the old text, and the "
        "pages are watched until they follow. The old text is kept.",
    ),
    "bulletins/edit.html": (
        "Viết tiêu đề, sapo và nội dung, chọn chuyên đề, rồi gửi duyệt. Chữ tự lưu trong lúc gõ; chưa ai ngoài "
        "phòng nhìn thấy cho tới khi bản tin được duyệt và phát. Mục Soát lỗi bên cạnh nhắc những chỗ kênh nhận sẽ "
        "cắt bớt.",
        "Write title, lead and text, choose a topic, and submit. What you type is kept by itself; nobody outside "
        "sees it before it is approved and released. The check beside it names what channels would cut.",
    ),
    "bulletins/index.html": (
        "Mọi bản tin và đang ở bước nào: soạn, chờ duyệt, đã duyệt, hẹn giờ, đã phát, thu hồi. Bắt đầu bằng Soạn "
        "bản tin; người duyệt lọc Chờ duyệt. Bấm vào một dòng để xem bản tin đi tới đâu.",
        "Every bulletin and where it stands. Begin by writing one; approvers filter those that wait. Open a line "
        "to see how far it has gone.",
    ),
    "bulletins/recall.html": (
        "Thu hồi là báo cho mọi nơi đã nhận rằng bản tin không còn giá trị và xin gỡ. Trang công khai đổi thành "
        "lời thông báo. Không phát lại được: nếu chỉ sai một chỗ thì dùng đính chính.",
        "A recall tells everybody who had the bulletin that it no longer holds and asks them to take it down. The "
        "public page becomes the notice. It cannot be undone: for a single mistake, use a correction.",
    ),
    "bulletins/outcomes.html": (
        "Bản tin đã ra ngoài: từng nơi đã nhận hay chưa, theo lượt phát mới nhất tới nơi đó. Nơi cần người xử lý "
        "đứng trên cùng. Bấm vào việc đã làm để xem từng lần thử và câu trả lời của bên kia.",
        "The bulletin is out: which places have it and which do not, after the newest delivery to each. Those that "
        "need somebody come first. Open what was done for its attempts and answers.",
    ),
    "bulletins/receivers.html": (
        "Xem trước nơi nào sẽ nhận bản tin, dưới dạng nào, lúc nào; nơi nào không nhận và vì sao. Đổi ngày giờ để "
        "xem nếu phát lúc khác. Trang này chỉ để xem: muốn đổi nơi nhận thì sửa bản tin.",
        "Which places will get the bulletin, in which form and when, and which will not and why. Another day and time "
        "can be tried. Nothing is changed here: the places are chosen where the bulletin is written.",
    ),
    "bulletins/release.html": (
        "Phát ngay hoặc hẹn giờ. Trước giờ đó không cửa nào lộ bản tin; đúng giờ máy tự gửi tới mọi nơi ghi dưới "
        "đây. Trước giờ phát còn đổi hoặc bỏ giờ được.",
        "Release now or at a time. Nothing shows it earlier; then it is sent by itself to all that are listed. "
        "Until then the time can be moved or taken away.",
    ),
    "bulletins/show.html": (
        "Toàn bộ về một bản tin: văn bản, người viết, người duyệt, đã gửi tới đâu, ai đăng lại. Nút ở trên cùng là "
        "việc tiếp theo của bạn; không có nút nghĩa là đang chờ người khác hoặc máy.",
        "All about one bulletin: its text, who wrote and approved it, where it went, who republished it. The "
        "button on top is your next step; none means that it waits for somebody else.",
    ),
    "bulletins/urgent.html": (
        "Chỉ dùng khi không thể chờ người duyệt thứ hai. Bản tin ra ngay với một chữ ký và bị đánh dấu; trang Hôm "
        "nay sẽ nhắc cho tới khi một người khác đọc lại.",
        "Only where a second approver cannot be waited for. It goes out at once with one signature and a mark, and "
        "the day's page tells of it until somebody else has read it.",
    ),
    "bulletins/urgent_review.html": (
        "Bản tin này đã ra với một chữ ký. Đọc lại như khi duyệt; thấy sai thì đính chính hoặc thu hồi ngay. Kết "
        "luận của bạn vào nhật ký.",
        "This bulletin went out with one signature. Read it as you would to approve it; if something is wrong, "
        "correct or recall it. What you conclude goes into the journal.",
    ),
    "calendar/continuity.html": (
        "Xem loạt bản tin định kỳ nào đã đủ ngày, ngày nào thiếu, trong cả năm. Ngày thiếu bấm vào để viết bù hoặc "
        "ghi lý do bỏ. Số ở đây là số đưa vào báo cáo.",
        "Which recurring bulletins had all their days this year, and which days are missing. Press a missing one "
        "to fill it or give a reason. These are the figures of the report.",
    ),
    "calendar/index.html": (
        "Bản tin đã hẹn giờ và chỗ của các loạt định kỳ, theo tháng, tuần, ngày. Bấm vào một chỗ của loạt để viết "
        "cho ngày ấy. Người duyệt kéo bản tin sang ngày khác, hoặc bấm Chuyển giờ, để dời; trúng giờ yên lặng hay "
        "ngày lễ thì được báo ngay, và hoàn tác được.",
        "Scheduled bulletins and the places of series, by month, week and day. Press a place of a series to write for "
        "that day. Approvers drag a bulletin to another day, or press its button, to move it; quiet hours and "
        "holidays are told at once, and a move can be undone.",
    ),
    "calendar/keys.html": (
        "Mỗi khóa là một địa chỉ để điện thoại hoặc Outlook đọc lịch phát hành của bạn. Sao chép địa chỉ vào mục "
        "thêm lịch theo đường dẫn. Mất máy thì hủy khóa của máy đó, các máy khác không ảnh hưởng.",
        "Each key is an address from which a phone or Outlook reads your calendar. Paste it where calendars are "
        "added by address. If a device is lost, revoke its key; others go on.",
    ),
    "calendar/place.html": (
        "Một ngày của loạt định kỳ. Viết bản tin cho ngày này, đặt một bản tin có sẵn vào, sửa riêng giờ, hoặc bỏ "
        "ngày kèm lý do. Ngày không có gì và không có lý do sẽ tính là thiếu.",
        "One day of a series. Write its bulletin, put in one that exists, change its time, or leave it out with a "
        "reason. A day with neither counts as missed.",
    ),
    "calendar/series.html": (
        "Các bản tin phải có đều, như điểm tin hằng ngày. Lập loạt với thứ và giờ thì lịch tự có chỗ, thiếu ngày "
        "nào trang Hôm nay nhắc ngày đó. Kết thúc loạt thì các ngày trước vẫn giữ.",
        "Bulletins that are due regularly. A series with weekdays and a time gets its places on the calendar, and "
        "a missed day is told of. Ending one keeps the days before.",
    ),
    "calendar/series_form.html": (
        "Đặt tên, chọn thứ, giờ và ngày bắt đầu. Lưu xong lịch có ngay chỗ cho các ngày tới; máy không tự viết hay "
        "tự phát gì. Đổi loạt chỉ đổi những ngày chưa có bản tin.",
        "Name it and choose weekdays, time and first day. The calendar then has its places; nothing is written or "
        "released by itself. A change touches only days without a bulletin.",
    ),
    "calendar/slots.html": (
        "Khung giờ tốt của từng kênh, giờ yên lặng và khoảng cách giữa hai bản tin. Chỉ là lời nhắc khi hẹn giờ, "
        "không chặn ai phát việc gấp. Lần đổi nào cũng vào nhật ký.",
        "Good times of each channel, quiet hours and the gap between two bulletins. They warn when a time is set "
        "and bar nobody. Every change goes into the journal.",
    ),
    "deliveries/index.html": (
        "Mỗi dòng là một bản tin tới một kênh. Lọc Cần xử lý: đó là những lượt máy không tự quyết được, như không "
        "biết bên kia đã nhận hay chưa. Mọi lượt khác máy tự gửi lại theo lịch.",
        "Each line is one bulletin to one channel. Filter those that need you: the machine cannot tell whether "
        "they arrived. All others are retried by themselves.",
    ),
    "deliveries/show.html": (
        "Một lượt phát và từng lần thử với câu trả lời của bên kia. Nếu chưa rõ kết quả, hãy mở kênh xem bài đã "
        "lên chưa rồi kết luận. Kết luận sai thì bài có thể lên hai lần hoặc không lên, nên xem trước khi bấm. Bài "
        "đã lên Zalo thì người duyệt phát tiếp được tới người quan tâm, một lần.",
        "One delivery and each attempt with its answer. If the outcome is unknown, look on the channel first, then "
        "settle it. A wrong answer means a second post or none. An article on Zalo can be sent on to followers by "
        "an approver, once.",
    ),
    "search/results.html": (
        "Tìm bản tin, bài đăng lại, trang và giấy phép cùng lúc, gõ không dấu cũng được. Để chữ trong ngoặc kép "
        "khi cần đúng cụm. Chỉ hiện những gì vai trò của bạn được xem.",
        "Finds bulletins, copies, sites and licences at once, with or without accents. Put a phrase in quotation "
        "marks. You see only what your role may.",
    ),
    "today/first.html": (
        "Trang này dẫn bạn từ lúc mới cài tới bản tin đầu tiên. Làm lần lượt từ trên xuống; bước nào xong thì máy "
        "tự đánh dấu theo dữ liệu thật. Ẩn đi lúc nào cũng được, mở lại ở Quản trị.",
        "This page leads from a new installation to the first bulletin. Go from top to bottom; a step is ticked "
        "when the data says so. Hide it at any time; it can be shown again from administration.",
    ),
    "today/index.html": (
        "Những gì cần người hôm nay, việc nào có nút là việc của bạn. Xử lý mục Cần xử lý trước, rồi duyệt, rồi "
        "xem dòng phát hành trong ngày. Trang tự cập nhật hai mươi giây một lần.",
        "What needs somebody today; where there is a button, it is yours. Begin with what needs handling, then "
        "approve, then look at the day's releases. The page renews itself every twenty seconds.",
    ),
}
