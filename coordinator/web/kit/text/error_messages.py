"""One message a domain error code, and the texts of the error pages; all of it translated when shown.

A sentence says what happened and what to do; values in braces are the error's ``params``. An error whose code has no
sentence is shown with its own English message.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.core.errors import CampaignError, FieldError
from coordinator.translation import N_, _, counted

# By CampaignError.code.
ERROR_MESSAGES: Mapping[str, str] = {
    "error": N_("Chưa làm được việc này."),
    "not_found": N_("Không có mục này, hoặc bạn không được xem."),
    "forbidden": N_("Vai trò của bạn không được làm việc này. Mời hỏi người quản trị."),
    "conflict": N_("Việc này không còn hợp với trạng thái hiện tại. Mời tải lại trang."),
    "invalid": N_("Còn chỗ phải sửa."),
    "stale_fence": N_("Việc này đã được giao cho máy khác làm tiếp."),
    "already_blocked": N_("{pattern} đã bị chặn từ trước."),
    "agreement_taken": N_("Văn bản chấp thuận số {number} đã có trong sổ."),
    "already_published": N_("{bulletin} đã phát hành; muốn đổi thì đính chính."),
    "already_revoked": N_("Khóa này đã được hủy từ trước."),
    "campaign_taken": N_("Đã có kế hoạch mang mã {campaign}."),
    "replay_once": N_("Kênh này không hỏi lại được và không nhận ra tin đã gửi: gửi lại là đăng lần thứ hai."),
    "no_backlog": N_("Kênh {channel} không còn lượt phát quá hạn nào chờ quyết định."),
    "replay_pulled": N_("Kênh này tự lấy tin; bên nhận đọc lại nguồn tin từ lúc nào cũng được."),
    "briefing_moved": N_("{who} vừa lưu báo cáo này. Mời xem bản mới nhất rồi làm lại; chữ bạn gõ vẫn còn trong ô."),
    "template_damaged": N_("Tệp Word này thiếu phần mà tệp Word nào cũng có. Hãy mở ra, lưu lại rồi thử lần nữa."),
    "template_fetches": N_("Mẫu lấy một phần từ nơi khác: {where}. Hãy nhúng phần đó vào tệp."),
    "template_forbidden": N_("Mẫu chỉ được có ô điền, điều kiện và vòng lặp. Đoạn “{where}” có thứ khác."),
    "template_outcome": N_("Điền vào thì không ra tệp Word. Thẻ đứng riêng một đoạn phải viết {{%p … %}}."),
    "template_syntax": N_("Có thẻ viết chưa đúng ở đoạn “{where}”."),
    "template_unknown": N_("Không có ô nào tên {field}, ở đoạn “{where}”."),
    "broadcast_no_article": N_("Chưa có bài nào trên trang tài khoản để phát tới người quan tâm."),
    "broadcast_there": N_("{bulletin} đã phát tới người quan tâm rồi, hoặc đang đợi phát."),
    "broadcast_channel": N_("Kênh {channel} đang không phát tới người quan tâm được."),
    "broadcast_budget": N_("Đã hết hạn mức phát tới người quan tâm: {a_day} lần một ngày, {a_month} lần một tháng."),
    "broadcast_begun": N_("Lần phát này đã bắt đầu gửi hoặc đã xong, không bỏ được nữa."),
    "broadcast_settled": N_("Lần phát này không cần kết luận."),
    "channel_retired": N_("Kênh {channel} đã ngừng sử dụng."),
    "channel_taken": N_("Đã có kênh mang mã {channel}."),
    "email_taken": N_("{email} đã có tài khoản."),
    "editor_off": N_("{email} đang không được vào cổng. Cho phép vào trước đã."),
    "editor_taken": N_("{email} đã là người của đối tác này."),
    "factor_needed": N_("Vai trò này bắt buộc có lớp thứ hai, không bỏ được."),
    "factor_taken": N_("Tài khoản này đã có lớp thứ hai."),
    "link_over": N_("Đường dẫn này không còn dùng được."),
    "portal_closed": N_("Cổng đang đóng với đối tác này. Mở lại cổng trước đã."),
    "portal_open": N_("Cổng đang mở với đối tác này."),
    "too_many_reports": N_("Đã báo {most} trang trong một giờ. Mời đợi, hoặc báo bằng API."),
    "no_factor": N_("Tài khoản này chưa có lớp thứ hai."),
    "not_yours": N_("Lớp thứ hai do chính chủ tài khoản thiết lập."),
    "own_factor": N_("Lớp thứ hai của bạn phải do một người quản trị khác đặt lại."),
    "rule_moved": N_("Vừa có người thêm một bản khác của quy tắc {rule}. Mời tải lại trang rồi nhập lại."),
    "finding_moved": N_("Nghi vấn này vừa có việc mới. Mời xem lại rồi quyết định; chữ bạn gõ vẫn còn."),
    "finding_settled": N_("Nghi vấn này đã chuyển sang bước khác, việc này không làm được nữa."),
    "finding_again": N_("Cùng quy tắc này đang có một nghi vấn khác còn mở ở đây; không mở lại được bản cũ."),
    "nothing_to_undo": N_("Không còn việc nào rút lại được."),
    "not_handed": N_("Chưa chuyển thanh tra thì chưa ghi được quyết định xử lý."),
    "too_many_replies": N_("Đã gửi {most} lời trong một ngày. Mời quay lại ngày mai."),
    "rule_taken": N_("Đã có quy tắc {claim} = {value}."),
    "sso_other": N_("Người dùng mang địa chỉ thư này đã nối với một tài khoản khác."),
    "sso_switched_off": N_("Tài khoản ở đây đang bị tắt."),
    "sso_unknown": N_("Tài khoản này chưa được mời vào đây."),
    "sso_unverified": N_("Địa chỉ thư của tài khoản này chưa được xác minh."),
    "switched_off": N_("{email} đang bị tắt. Cho phép đăng nhập trước đã."),
    "idempotency_key_reused": N_("Khóa chống gửi trùng này đã dùng cho một yêu cầu khác."),
    "key_over": N_("Khóa này đã hết dùng."),
    "key_replaced": N_("Khóa này đã được đổi từ trước; khóa mới đã hiện một lần lúc ấy."),
    "push_stopped": N_("Sở đang dừng mọi kênh của đơn vị, nên chưa đặt được webhook. Hỏi người liên hệ ở Sở."),
    "push_there": N_("Đã có webhook; mời tải lại trang rồi đổi địa chỉ."),
    "test_just_now": N_("Vừa thử cách đây vài giây. Mời đợi một chút rồi thử lại."),
    "who": N_("Cần một địa chỉ thư, partner:MÃ hoặc case:MÃ."),
    "nobody_there": N_("Không giữ gì dưới tên này."),
    "erased_stays": N_("Dữ liệu của người này đã xóa; tài khoản không dùng lại được. Hãy mời lại như người mới."),
    "erase_self": N_("Bạn không tự xóa được dữ liệu của mình; một người quản trị khác làm việc này."),
    "erase_active": N_("{email} còn đang được vào. Bỏ quyền vào trước đã."),
    "case_of_organisation": N_("Vụ việc này là của một tổ chức, không phải của một người."),
    "case_kept": N_("Vụ việc {case} còn trong thời hạn giữ, hoặc chưa có quyết định; chưa xóa được."),
    "last_admin": N_("Đây là người quản trị cuối cùng. Hãy thêm một người quản trị khác trước."),
    "picture_used": N_("Ảnh đang ở trong bản tin {bulletins}, nên không bỏ được."),
    "media_used": N_("Tệp đang ở trong bản tin {bulletins}, nên không bỏ được."),
    "media_open": N_("Tệp đang ở trong một bài gõ dở, nên chưa bỏ được."),
    "no_video": N_("Bản tin này không có video hoặc âm thanh."),
    "video_of_other": N_("Địa chỉ này đã ghi cho bản tin {bulletin}."),
    "many_uploads": N_("Còn nhiều tệp đang tải lên dở dang. Tải cho xong, hoặc đợi một ngày."),
    "piece_missing": N_("Phần trước của tệp chưa tới; tải tiếp từ byte {received}."),
    "picture_open": N_("Ảnh đang ở trong một bài gõ dở, nên chưa bỏ được."),
    "no_social_post": N_("Bài này không phải bài trên mạng xã hội đang chờ xem xét."),
    "own_report": N_("Bạn đã báo bài này nên không tự xác nhận được; người khác xem ảnh rồi xác nhận."),
    "no_picture": N_("Chưa có ảnh chụp của bài này. Dùng Ghi nhận bằng ảnh chụp để xác nhận kèm ảnh."),
    "decided_since": N_("{who} đã có kết luận khác về bài này trong lúc đó; việc của bạn không đổi gì."),
    "counted_elsewhere": N_(
        "Bản tin này đã được tính trên trang này, ở địa chỉ {url}. Chỉ tính thêm khi là lần đăng thứ hai, văn bản khác."
    ),
    "second_same_text": N_("{share}% văn bản giống bài đã tính ở {url}; lần đăng thứ hai phải có văn bản khác."),
    "second_not_read": N_("Chưa đọc được văn bản của bài này hoặc của bài đã tính ở {url}, nên chưa so được."),
    "not_counted": N_("Bài này không phải bài được tính."),
    "undone_before": N_("Kết luận này đã được rút lại trước đó."),
    "too_many_answers": N_("Đã có quá nhiều câu trả lời về bài này trong một ngày. Mời quay lại ngày mai."),
    "licence_taken": N_("Giấy phép số {number} đã có trong sổ."),
    "not_approved": N_("Văn bản mới nhất của {bulletin} chưa được duyệt."),
    "not_retryable": N_("Lượt phát này không thử lại được nữa."),
    "channel_used": N_("Kênh {channel} vẫn đang dùng."),
    "receiver_asks": N_("Kênh {channel} do bên nhận tự đăng ký: muốn nhận lại, bên nhận phải đăng ký lại."),
    "not_testable": N_("Loại kênh này không có gì để gọi thử."),
    "moved_meanwhile": N_("Giờ phát của {bulletin} vừa được người khác đổi. Mời xem giờ mới rồi quyết định lại."),
    "place_filled": N_("Ngày này của loạt đã có bản tin, hoặc bản tin này không nhận vào đây được."),
    "nothing_to_say": N_("Bài này không còn chờ kết luận sau đính chính."),
    "nothing_changed": N_("Văn bản đính chính giống hệt bản đang phát. Hãy sửa nội dung trước."),
    "delivery_recalled": N_("{bulletin} đã thu hồi, nên lượt này không gửi lại."),
    "delivery_overtaken": N_("Phiên bản {revision} của {bulletin} đã có bản mới hơn thay, nên không gửi lại."),
    "task_open": N_("Việc này đang chờ mọi người, không có gì để lấy lại."),
    "nothing_to_settle": N_("Lượt phát này đã có kết quả, không cần kết luận."),
    "key_without_person": N_(
        "Khóa này không thuộc về ai nên không duyệt hay xác nhận được việc của một người; hãy tạo khóa cho một người: "
        "lantoa key add TÊN --role VAI-TRÒ --for EMAIL."
    ),
    "own_bulletin": N_("Người viết không tự duyệt bản tin của mình, kể cả bằng khóa hay tài khoản khác."),
    "unconfirmed_role": N_("Vai trò này chưa được một người thứ hai xác nhận, nên chưa duyệt và chưa quản trị được."),
    "not_second_person": N_("Việc này cần một người khác xác nhận."),
    "nothing_waits": N_("Không còn gì chờ xác nhận ở đây; có thể người khác vừa làm xong."),
    "not_joined": N_("Người này chưa vào lần đầu; xác nhận được sau lần vào đầu."),
    "held_apart": N_("Đã ghi nhận {one} và {other} là hai đối tác khác nhau."),
    "not_held_apart": N_("Không có ghi nhận nào như vậy; có thể đã được rút."),
    "partner_merged": N_(
        "Đối tác mang mã {partner} đã gộp vào đối tác mang mã {into}. Chưa lưu gì; mời mở đối tác đó."
    ),
    "partners_moved": N_("Một trong hai đối tác vừa thay đổi, nên chưa gộp gì. Mời xem lại số liệu rồi quyết định."),
    "partner_taken": N_("Đã có đối tác mang mã {partner}."),
    "sender_blocked": N_("Nơi gửi này đã bị chặn."),
    "notice_moved": N_("Thông báo này vừa được người khác đổi. Mời xem bản mới nhất rồi quyết định lại."),
    "notice_corrected": N_("Thông báo vừa được sửa hoặc thu hồi. Mời đọc bản mới nhất."),
    "too_many_questions": N_("Đã gửi {most} lời trong một ngày. Mời quay lại ngày mai, hoặc gọi cho Sở nếu gấp."),
    "question_moved": N_("Vừa có thêm lời trong câu hỏi này. Mời đọc lời mới nhất rồi gửi lại; chữ bạn gõ vẫn còn."),
    "answer_moved": N_(
        "Lời đăng công khai vừa được người khác đổi. Mời xem bản mới nhất rồi lưu lại; chữ bạn gõ vẫn còn."
    ),
    "too_many_mentions": N_("Đã nhận đủ lời báo về bản tin này, hoặc từ máy chủ này."),
    "site_moved": N_(
        "Trang này vừa đổi sau khi bạn mở, nên chưa lưu gì. Chữ bạn gõ vẫn còn; ở mỗi ô khác nhau ghi điều "
        "đang có. Mời xem lại rồi bấm Lưu lần nữa."
    ),
    "site_taken": N_("Trang {host} đã có trong danh bạ."),
    "form_elsewhere": N_("Bài này đang gõ ở một thẻ khác; bản ở đây được giữ riêng."),
    "form_saved": N_("Bài này đã lưu thành {bulletin}."),
    "nothing_to_review": N_("{bulletin} không có lần phát gấp nào chờ đọc lại."),
    "text_changed": N_("Văn bản đã đổi sau khi bạn mở. Mời đọc lại bản mới nhất."),
    "template_changed": N_(
        "Mẫu “{template}” vừa được người khác sửa. Nội dung đã gõ còn trong các ô; mở ở trang khác để xem bản mới."
    ),
    "template_archived": N_("Mẫu “{template}” đã lưu trữ, không dùng để soạn được nữa."),
    "topic_in_series": N_("Loạt bản tin định kỳ {series} còn chạy với chuyên đề này. Kết thúc hoặc đổi loạt đó trước."),
    "import_in_use": N_("Đã có việc khác dựa vào lần nhập này, nên không hoàn tác được."),
    "imported_bulletin": N_("{bulletin} phát trước khi dùng phần mềm và đã được nhập; không sửa ở đây."),
    "import_stage": N_("Lần nhập này không còn ở bước đó. Mở lại trang của nó để xem đang ở đâu."),
    "topic_taken": N_("Đã có chuyên đề mang mã {topic}."),
    "too_many_filters": N_("Đã có {most} bộ lọc. Bỏ bớt những bộ không còn dùng."),
    "no_address": N_("Chỉ người dùng có địa chỉ thư ở đây mới gửi cho mình được."),
    "letter_settled": N_("Thư này đã có kết quả, không cần quyết định nữa."),
    "template": N_("Mẫu thư không điền được. Mời người giữ mẫu mở ra xem lại."),
    "wrong_kind": N_("Kênh này thuộc loại khác."),
    "wrong_state": N_("Bản tin đã chuyển sang trạng thái khác, việc này không làm được nữa. Mời tải lại trang."),
    # Files that cannot be read.
    "unreadable": N_("Không đọc được tệp này."),
    "macros": N_("Tệp Word có mã macro. Hãy lưu lại thành .docx không có macro."),
    "old_format": N_("Tệp thuộc kiểu cũ (.doc, .xls). Hãy mở ra và lưu lại thành .docx hoặc .xlsx."),
    "suffix": N_("Không nhận loại tệp này. Hãy chọn tệp Word (.docx), Markdown (.md) hoặc HTML."),
    "file_too_big": N_("Tệp quá lớn. Hãy bớt ảnh nhúng hoặc chia nhỏ."),
    "encoding": N_("Chữ trong tệp không phải bảng mã UTF-8. Hãy lưu lại tệp theo UTF-8."),
    "damaged": N_("Tệp bị hỏng hoặc không đúng loại như tên tệp. Hãy mở ra, lưu lại rồi thử lần nữa."),
    "empty": N_("Tệp không có chữ nào."),
    "not_word": N_("Đây không phải tệp Word (.docx) dù tên tệp ghi như vậy."),
    "password_protected": N_("Tệp có mật khẩu. Hãy lưu một bản không đặt mật khẩu."),
    "case_moved": N_("Vụ việc này vừa có người sửa. Mời xem lại rồi làm tiếp; chữ bạn gõ vẫn còn."),
    "case_withdrawn": N_("Vụ việc này đã được rút, không ghi thêm được nữa."),
    "case_of_finding": N_("Vụ việc này do một nghi vấn mà có. Mời làm việc này ở trang của nghi vấn."),
    "decision_shared": N_("Quyết định này còn khép lại nghi vấn khác. Mời hoàn tác ở các nghi vấn ấy trước."),
    "too_big_unpacked": N_("Tệp giải nén ra quá lớn so với một văn bản."),
    "too_many_texts": N_("Tệp có hơn {most} bản tin. Hãy chia thành nhiều tệp."),
    "too_heavy": N_("Đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian. Hãy sao chép phần chữ sang tệp mới."),
    "busy_reading": N_("Máy đang đọc tệp khác. Mời thử lại sau một phút."),
    "doctype": N_("Phần {part} của tệp chứa khai báo mà tệp văn phòng không có, nên không được đọc."),
}

# By FieldError.code, for any field. ``{expected}``: the accepted values, as an address writes them.
FIELD_ERROR_MESSAGES: Mapping[str, str] = {
    "names_the_erased": N_("Nhật ký giữ lý do mãi mãi: đừng ghi địa chỉ của người được xóa"),
    "as_of_ahead": N_("Thời điểm này chưa tới"),
    "as_of_early": N_("Sổ ghi chưa bắt đầu vào lúc đó"),
    "kind": N_("Chọn một loại trong danh sách"),
    "too_deep": N_("Các phần lồng vào nhau quá sâu; hãy sao chép phần chữ sang tệp mới"),
    "no_first_posting": N_("Trang này chưa có địa chỉ nào được tính, nên đây không phải lần đăng thứ hai"),
    "period_ahead": N_("Kỳ này chưa bắt đầu nên chưa chốt được"),
    "moment": N_("Nhập ngày và giờ, ví dụ 07:00 ngày 24/11/2026"),
    "no_decision": N_("Chọn một kết luận"),
    "amount": N_("Nhập một số tiền, tính bằng đồng"),
    "amount_words": N_("Ghi số tiền bằng chữ số, tính bằng đồng: {expected}"),
    "amount_negative": N_("Số tiền không được nhỏ hơn 0"),
    "amount_huge": N_("Số tiền lớn hơn 10 tỷ đồng; kiểm tra lại số chữ số 0"),
    "amount_no_fine": N_("Chỉ hình thức phạt tiền mới có số tiền"),
    "amount_shared": N_("Số tiền của quyết định này đã ghi ở vụ việc khác của cùng đối tác; ở đây để trống"),
    "fine_amount": N_("Phạt tiền thì ghi số tiền, lớn hơn 0"),
    "paid_no_fine": N_("Chỉ phạt tiền mới có ngày nộp phạt"),
    "paid_before": N_("Ngày nộp phạt phải từ ngày quyết định trở đi"),
    "before_fault": N_("Ngày quyết định phải từ ngày vi phạm trở đi"),
    "decision_known": N_("Quyết định số này của cơ quan này đã ghi ở vụ việc {expected}"),
    "case_known": N_("Vụ việc giống hệt đã ghi: {expected}"),
    "finding_form": N_("Hình thức đi theo nghi vấn; muốn đổi thì hoàn tác ở trang của nghi vấn"),
    "unknown_partner": N_("Không có đối tác này trong danh bạ"),
    "person_partner": N_("Cá nhân thì không chọn đối tác"),
    "tax_code_needed": N_("Không có đối tác nào mang tên này; tổ chức khác thì ghi mã số thuế"),
    "fault_names": N_("Lỗi vi phạm được đếm và công bố: không ghi tên người ở đây"),
    "too_many_files": N_("Vụ việc đã có đủ 10 tệp; bỏ bớt, hoặc gộp các trang vào một tệp PDF"),
    "not_past": N_("Ngày này chưa tới; văn bản đã có thì ngày không sau hôm nay"),
    "parameter": N_("Giá trị này không hợp với tham số"),
    "unknown_parameter": N_("Không có tham số này"),
    "same_partner": N_("Chọn một đối tác khác: hai bên đang là một"),
    "order": N_("Lúc kết thúc phải sau lúc bắt đầu"),
    "range": N_("Số này quá lớn hoặc quá nhỏ"),
    "whole": N_("Nhập một số nguyên"),
    "one_at_a_time": N_("Loại kênh này chỉ nhận từng lượt một"),
    "required": N_("Mục này không được để trống"),
    "choice": N_("Chọn một mục trong danh sách"),
    "filter_name": N_("Trang này không có bộ lọc tên ấy; có: {expected}"),
    "filter_value": N_("Bộ lọc này không có giá trị ấy; có: {expected}"),
    "unknown_code": N_("Không có mục nào mang mã này"),
    "nul": N_("Có ký tự rỗng (NUL), thường do sao chép từ tệp hỏng; xóa rồi gõ lại"),
    "how_many": N_("Chọn ít nhất một, và không nhiều hơn số được làm một lần"),
    "input": N_("Giá trị này chưa đúng"),
    "rule_role": N_("Chọn một vai trò, không phải quản trị"),
    "unknown_reason": N_("Chọn một lý do trong danh sách, hoặc để trống"),
    "unexplained": N_("Ghi lý do, để người làm sau hiểu"),
    "too_long": N_("Mục này quá dài"),
    "spelling_form": N_("Ghi theo mẫu: viết tắt = viết đủ"),
    "spelling_equal": N_("Hai bên đã là một: chữ hoa, dấu và dấu câu không phân biệt"),
    "spelling_joins": N_("Cách viết này làm hai tên khác nhau thành một"),
    "too_many_rows": N_("Nhiều nhất 100 dòng"),
    "code": N_("Mã chỉ gồm chữ la-tinh không dấu, chữ số và dấu gạch nối"),
    "url": N_("Nhập địa chỉ bắt đầu bằng http:// hoặc https://"),
    "email": N_("Nhập một địa chỉ thư điện tử đúng"),
    "past": N_("Thời điểm này đã qua; chọn một thời điểm về sau"),
    "day": N_("Nhập ngày theo mẫu 24/11/2026"),
    "year": N_("Năm phải từ 1900 đến 2199"),
    "period": N_("Nhập kỳ theo mẫu 2026-Q4, 2026-11, 2026 hoặc 2026-10-01..2026-12-31"),
    "before_start": N_("Ngày kết thúc phải sau ngày bắt đầu"),
    "before_issue": N_("Ngày hết hạn phải sau ngày cấp"),
    "metric": N_("Chọn một loại chỉ tiêu trong danh sách"),
    "figure": N_("Nhập một con số, ví dụ 12.500 hoặc 98,5"),
    "quota": N_("Chỉ tiêu phải lớn hơn 0; tỷ lệ thì không quá 100"),
    "delay": N_("Thời gian đăng lại tính bằng giờ, không quá 720 giờ (một tháng)"),
    "outside_campaign": N_("Kỳ này phải nằm trọn trong thời gian của kế hoạch"),
    "milestones": N_("Ghi mốc theo mẫu 31/10/2026: 4.000; 30/11/2026: 8.000"),
    "milestones_many": N_("Một chỉ tiêu có nhiều nhất 12 mốc"),
    "milestone_figure": N_("Con số của mốc phải lớn hơn 0"),
    "milestone_day": N_("Ngày của mốc phải nằm trong kỳ của chỉ tiêu"),
    "milestone_twice": N_("Một ngày chỉ có một mốc"),
    "milestone_order": N_("Mốc sau không được thấp hơn mốc trước"),
    "unknown_topic": N_("Không có chuyên đề này"),
    "retired_topic": N_("Chuyên đề này đã ngừng dùng; chọn chuyên đề khác"),
    "topic_name_taken": N_("Đã có chuyên đề khác mang tên này"),
    "unknown_campaign": N_("Không có kế hoạch này"),
    "unknown_channel": N_("Không có kênh này"),
    "pattern": N_("Nhập một tên máy chủ như rac.example, hoặc một địa chỉ có dấu *"),
    "other_host": N_("Địa chỉ này không thuộc trang đã khai"),
    "domain": N_("Đây không phải một tên miền"),
    "tax_code": N_("Mã số thuế gồm 10 chữ số, hoặc 10 chữ số, gạch nối và 3 chữ số"),
    "inactive": N_("Tài khoản của người này đã ngừng"),
    "role_too_small": N_("Vai trò của người này làm được ít hơn vai trò của khóa"),
    "role_or_partner": N_("Chọn một vai trò hoặc một đối tác, không chọn cả hai"),
    "by": N_("Không có cách gộp này"),
    "column": N_("Tệp thiếu cột này"),
    "time": N_("Nhập giờ theo mẫu 14:00"),
    "midnight": N_("24:00 là 00:00 ngày hôm sau: chọn ngày hôm sau và gõ 00:00"),
    "gap": N_("Nhập số phút từ 0 đến 240"),
    "placeholder": N_("Trong dấu { } chỉ dùng được {ngày}, {thứ}, {tuần}, {tháng}, {năm}, {số} và {điền: …}"),
    "placeholder_left": N_("Còn chỗ trống chưa điền: {expected}"),
    "placeholder_link": N_("Không đặt chỗ trống trong địa chỉ của đường dẫn hoặc ảnh: {expected}"),
    "placeholder_split": N_("Chỗ trống {expected} bị định dạng cắt ngang; hãy định dạng cả chỗ trống"),
    "template_name_taken": N_("Đã có mẫu khác mang tên này"),
    "step": N_("Nhập từ 5 phút đến 168 giờ"),
    "none_chosen_day": N_("Chọn ít nhất một ngày trong tuần"),
    "no_file": N_("Chọn một tệp trước đã"),
    "none_chosen": N_("Chọn ít nhất một nơi, hoặc chọn gửi mọi nơi"),
    "differs": N_("Hai lần gõ mật khẩu chưa giống nhau"),
    "wrong_password": N_("Mật khẩu hiện tại chưa đúng"),
    "wrong_code": N_("Mã này không đúng với mã trong thư mục dữ liệu"),
    "already_set_up": N_("Đã có người thiết lập xong; mời đăng nhập"),
    "unknown_bulletin": N_("Không có bản tin nào đã phát hành mang mã này"),
    "unknown_site": N_("Địa chỉ này không thuộc trang nào trong danh bạ"),
    "bulletin_of_post": N_("Bài trên mạng xã hội: chọn bản tin, vì máy không đọc được trang này"),
    "account_is_social": N_("Đây là trang trên mạng xã hội; chọn loại mạng xã hội"),
    "no_line": N_("Mọi dòng đã có ảnh; không còn dòng nào chờ ảnh này"),
    "not_a_post": N_("Đây là địa chỉ của trang hoặc kênh, không phải của một bài"),
    "no_account": N_("Địa chỉ không cho biết bài ở trang nào; chọn trang hoặc tài khoản"),
    "no_bulletin": N_("Chưa chọn bản tin"),
    "no_picture": N_("Chưa có ảnh chụp"),
    "not_your_site": N_("Địa chỉ này không thuộc trang nào của đối tác"),
    "past_day": N_("Hạn này đã qua; chọn từ hôm nay trở đi"),
    "none_chosen_partner": N_("Chọn ít nhất một đối tác có trong danh bạ"),
    "unknown_notice": N_("Không có thông báo này, hoặc không gửi tới bạn"),
    "unknown_copy": N_("Không có bài này trên trang của đơn vị"),
    "names_asker": N_("Lời này còn để lộ ai hỏi: bỏ tên đối tác, tên trang, tên miền và tên người"),
    "unknown_finding": N_("Không có mục nào cần sửa mang mã này"),
    "before_release": N_("Lúc đó bản tin chưa phát hành"),
    "future": N_("Ngày giờ này chưa tới"),
    "known_file": N_("Tệp này đã được giữ cho bài này rồi"),
    "why_urgent": N_("Ghi rõ vì sao không chờ được người thứ hai"),
    "https": N_(
        "Địa chỉ phải bắt đầu bằng https://: qua http://, ai ở giữa đường cũng đọc được tin và giả làm máy chủ "
        "của đơn vị được"
    ),
    "not_called": N_("Không gọi tới được địa chỉ này: tên miền không có, hoặc trỏ tới máy nội bộ"),
    "unknown_picture": N_("Không có ảnh này; mời chọn lại"),
    "empty": N_("Tệp không có gì."),
    "piece": N_("Phần gửi lên không khớp với tệp. Chọn lại tệp."),
    "recording_too_large": N_("Tệp nặng hơn 50 MB"),
    "video_address": N_("Địa chỉ này không phải của một video trên YouTube, Facebook hoặc TikTok"),
    "unknown_media": N_("Không có tệp này; mời chọn lại"),
    "cron": N_("Dòng cron gồm năm phần: phút giờ ngày tháng thứ, ví dụ 30 7 * * 1"),
    "cron_two_days": N_("Chỉ chọn ngày trong tháng hoặc thứ trong tuần, không chọn cả hai"),
    "never_comes": N_("Với lịch này sẽ không có lần nào"),
    "too_often": N_("Báo cáo gửi dày nhất mỗi giờ một lần"),
    "report_forms": N_("Chọn ít nhất một loại tệp có trong danh sách"),
    "subject_gone": N_("Thứ này không còn; chọn thứ khác"),
    "twice": N_("Địa chỉ này đã có ở trên"),
    "too_many": N_("Danh sách quá dài; chia thành nhiều lịch"),
    "too_many_scans": N_("Văn bản đã có đủ bản quét; gỡ bớt, hoặc gộp các trang vào một tệp PDF"),
    "not_to_say": N_("Chỉ khai được khi máy không thấy cách dẫn nguồn và bài được xác nhận"),
}

# By field and code, where a general sentence would be poorer. The field is the last word of its path.
NAMED_FIELD_MESSAGES: Mapping[tuple[str, str], str] = {
    ("title", "required"): N_("Nhập tiêu đề bản tin"),
    ("heading", "required"): N_("Nhập tiêu đề"),
    ("reply_by", "past"): N_("Hạn trả lời phải từ hôm nay trở đi"),
    ("heading", "too_long"): N_("Tiêu đề quá dài, hãy rút ngắn"),
    ("words", "required"): N_("Nhập nội dung"),
    ("recipients", "too_many"): N_("Nhiều nhất 20 nơi nhận"),
    ("media", "too_many"): N_("Nhiều nhất 10 tệp trong một bản tin"),
    ("audience", "required"): N_("Chọn nơi nhận"),
    ("title", "too_long"): N_("Tiêu đề quá dài, hãy rút ngắn"),
    ("delay_minutes", "range"): N_("Nhập số phút từ 0 đến 10.080 (7 ngày)"),
    ("comment", "too_long"): N_("Ý kiến dài nhất 2.000 ký tự"),
    ("lead", "too_long"): N_("Sapo quá dài, hãy rút còn một, hai câu"),
    ("body_html", "required"): N_("Nhập nội dung bản tin"),
    ("body_html", "too_long"): N_("Nội dung dài quá 1 MB (chừng 100.000 chữ). Bớt đi, hoặc chia thành nhiều bản tin"),
    ("topic", "unknown_topic"): N_("Chọn một chuyên đề trong danh sách"),
    ("at", "past"): N_("Giờ phát hành phải sau lúc này"),
    ("name", "required"): N_("Nhập tên"),
    ("number", "required"): N_("Nhập số văn bản"),
    ("plan_number", "required"): N_("Nhập số kế hoạch"),
    ("issuer", "required"): N_("Nhập cơ quan cấp"),
    ("note", "required"): N_("Ghi rõ lý do để người khác hiểu"),
    ("why", "required"): N_("Ghi vì sao bỏ hôm đó"),
    ("reason", "required"): N_("Ghi lý do thu hồi; lý do sẽ hiện trong thông báo"),
    ("password", "too_short"): N_("Mật khẩu cần ít nhất 10 ký tự"),
    ("password", "too_long"): N_("Mật khẩu dài nhất 128 ký tự"),
    ("password", "too_simple"): N_("Mật khẩu cần ít nhất bốn ký tự khác nhau"),
    ("holder", "required"): N_("Chọn một vai trò hoặc một đối tác"),
    ("expires", "past"): N_("Ngày hết hạn của khóa phải ở phía trước"),
    ("ends_on", "past"): N_("Ngày cuối đã qua; chọn từ hôm nay trở đi, hoặc để trống"),
    ("ends_on", "never_comes"): N_("Ngày cuối đến trước lần gửi đầu"),
    ("addresses", "required"): N_("Nhập ít nhất một địa chỉ thư"),
    ("bulletin", "required"): N_("Chọn bản tin"),
    ("subject", "required"): N_("Chọn báo cáo nói về đâu"),
    ("forms", "report_forms"): N_("Chọn ít nhất một loại tệp"),
}


def error_sentence(error: CampaignError) -> str:
    """The error in the reader's language; its own English message where its code has no sentence."""
    sentence = ERROR_MESSAGES.get(error.code)
    if sentence is None:
        return error.message
    try:
        return _(sentence).format(**error.params)
    except KeyError:  # raised without the values that the sentence names; its own message has them
        return error.message


def field_sentence(error: FieldError) -> str:
    """What is wrong with one field, in the reader's language; the error's own English message where its code has no
    sentence."""
    field = error.field.rpartition(".")[2]
    sentence = NAMED_FIELD_MESSAGES.get((field, error.code)) or FIELD_ERROR_MESSAGES.get(error.code)
    if sentence is None:
        return error.message
    return _(sentence).format(expected=error.expected) if error.expected else _(sentence)


@dataclass(frozen=True)
class ErrorPage:
    """The text of one error page: its heading, and what the reader can do."""

    heading: str
    advice: str


ERROR_PAGES: Mapping[int, ErrorPage] = {
    400: ErrorPage(
        N_("Yêu cầu không đọc được"), N_("Mời quay lại trang trước, tải lại rồi gửi lần nữa. Bài viết vẫn còn.")
    ),
    401: ErrorPage(N_("Phiên đã hết"), N_("Đăng nhập lại, bài viết vẫn còn.")),
    403: ErrorPage(
        N_("Bạn không được xem trang này"), N_("Nếu cần cho công việc, mời hỏi người quản trị để được cấp quyền.")
    ),
    404: ErrorPage(N_("Không có trang này"), N_("Địa chỉ có thể đã gõ sai, hoặc trang đã được chuyển đi.")),
    405: ErrorPage(N_("Trang này không nhận cách gửi ấy"), N_("Mời quay lại và dùng nút trên trang.")),
    409: ErrorPage(
        N_("Có người vừa thay đổi mục này"), N_("Mời quay lại, tải lại trang để xem bản mới nhất rồi làm tiếp.")
    ),
    410: ErrorPage(N_("Nội dung này đã được gỡ"), N_("Nội dung không còn được lưu hành.")),
    413: ErrorPage(
        N_("Nội dung gửi lên quá lớn"), N_("Mời bớt chữ rồi gửi lại; nếu gửi tệp, giảm dung lượng hoặc chia nhỏ tệp.")
    ),
    422: ErrorPage(N_("Còn chỗ phải sửa"), N_("Mời quay lại trang trước và sửa; bài viết vẫn còn.")),
    429: ErrorPage(N_("Gửi quá nhiều lần"), N_("Mời chờ một lát rồi thử lại.")),
    500: ErrorPage(N_("Hệ thống gặp lỗi"), N_("Lỗi đã được ghi lại. Mời thử lại sau ít phút.")),
    503: ErrorPage(N_("Hệ thống đang bận"), N_("Mời thử lại sau ít phút.")),
}


STORAGE_UNAVAILABLE_PAGE = ErrorPage(
    N_("Chưa tới được kho lưu"),
    N_(
        "Nơi giữ các trang đã chụp và các tệp không trả lời. Không có gì bị mất và chưa có gì được ghi; mời thử lại "
        "sau ít phút. Nếu vẫn vậy, mời báo người quản trị."
    ),
)


def _translated(page: ErrorPage) -> ErrorPage:
    return ErrorPage(_(page.heading), _(page.advice))


def storage_unavailable_page() -> ErrorPage:
    """The page shown while the storage of captured pages and files cannot be reached."""
    return _translated(STORAGE_UNAVAILABLE_PAGE)


def error_page(status: int) -> ErrorPage:
    """The page for an HTTP status; one that has none gets that of its class (400 or 500)."""
    return _translated(ERROR_PAGES.get(status) or ERROR_PAGES[400 if status < 500 else 500])


SESSION_ENDED_PAGES: Mapping[bool, ErrorPage] = {
    False: ErrorPage(
        N_("Phiên đã hết"), N_("Việc vừa bấm chưa được làm. Đăng nhập lại rồi bấm lần nữa; bài đang soạn vẫn còn.")
    ),
    True: ErrorPage(N_("Trang này mở từ phiên trước"), N_("Việc vừa bấm chưa được làm. Mở lại trang rồi bấm lần nữa.")),
}


def session_ended_page(*, signed_in: bool) -> ErrorPage:
    """The page for a form that was opened in a session that has ended. ``signed_in``: another session has begun."""
    return _translated(SESSION_ENDED_PAGES[signed_in])


def retry_after_sentence(seconds: object) -> str | None:
    """Return how long a throttled person has to wait, in whole minutes or seconds; None when it is not known."""
    if not isinstance(seconds, int):
        return None
    if seconds <= 60:
        return counted("Mời thử lại sau %(seconds)s giây.", seconds, seconds=seconds)
    minutes = -(-seconds // 60)
    return counted("Mời thử lại sau %(minutes)s phút.", minutes, minutes=minutes)
