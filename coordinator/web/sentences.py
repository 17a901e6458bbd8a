"""What went wrong, in Vietnamese: one sentence a domain error code, and the words of the error pages.

The English is the error's own message. A sentence says what is so and what to do; values in braces are the error's
``params``. A code without a sentence is shown in English rather than hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.core.errors import CampaignError, FieldError

# By CampaignError.code.
ERRORS: Mapping[str, str] = {
    "error": "Chưa làm được việc này.",
    "not_found": "Không có mục này, hoặc bạn không được xem.",
    "forbidden": "Vai trò của bạn không được làm việc này. Mời hỏi người quản trị.",
    "conflict": "Việc này không còn hợp với trạng thái hiện tại. Mời tải lại trang.",
    "invalid": "Còn chỗ phải sửa.",
    "stale_fence": "Việc này đã được giao cho máy khác làm tiếp.",
    "already_blocked": "{pattern} đã bị chặn từ trước.",
    "agreement_taken": "Văn bản chấp thuận số {number} đã có trong sổ.",
    "already_published": "{bulletin} đã phát hành; muốn đổi thì đính chính.",
    "already_revoked": "Khóa này đã được hủy từ trước.",
    "campaign_taken": "Đã có kế hoạch mang mã {campaign}.",
    "replay_once": "Kênh này không hỏi lại được và không nhận ra tin đã gửi: gửi lại là đăng lần thứ hai.",
    "replay_pulled": "Kênh này tự lấy tin; bên nhận đọc lại nguồn tin từ lúc nào cũng được.",
    "briefing_moved": "{who} vừa lưu báo cáo này. Mời xem bản mới nhất rồi làm lại; chữ bạn gõ vẫn còn trong ô.",
    "template_damaged": "Tệp Word này thiếu phần mà tệp Word nào cũng có. Hãy mở ra, lưu lại rồi thử lần nữa.",
    "template_fetches": "Mẫu lấy một phần từ nơi khác: {where}. Hãy nhúng phần đó vào tệp.",
    "template_forbidden": "Mẫu chỉ được có ô điền, điều kiện và vòng lặp. Đoạn “{where}” có thứ khác.",
    "template_outcome": "Điền vào thì không ra tệp Word. Thẻ đứng riêng một đoạn phải viết {{%p … %}}.",
    "template_syntax": "Có thẻ viết chưa đúng ở đoạn “{where}”.",
    "template_unknown": "Không có ô nào tên {field}, ở đoạn “{where}”.",
    "broadcast_no_article": "Chưa có bài nào trên trang tài khoản để phát tới người quan tâm.",
    "broadcast_there": "{bulletin} đã phát tới người quan tâm rồi, hoặc đang đợi phát.",
    "broadcast_channel": "Kênh {channel} đang không phát tới người quan tâm được.",
    "broadcast_budget": "Đã hết hạn mức phát tới người quan tâm: {a_day} lần một ngày, {a_month} lần một tháng.",
    "broadcast_begun": "Lần phát này đã bắt đầu gửi hoặc đã xong, không bỏ được nữa.",
    "broadcast_settled": "Lần phát này không cần kết luận.",
    "channel_retired": "Kênh {channel} đã thôi dùng.",
    "channel_taken": "Đã có kênh mang mã {channel}.",
    "email_taken": "{email} đã có tài khoản.",
    "editor_off": "{email} đang không được vào cổng. Cho phép vào trước đã.",
    "editor_taken": "{email} đã là người của đối tác này.",
    "factor_needed": "Vai trò này bắt buộc có lớp thứ hai, không bỏ được.",
    "factor_taken": "Tài khoản này đã có lớp thứ hai.",
    "link_over": "Đường dẫn này không còn dùng được.",
    "portal_closed": "Cổng đang đóng với đối tác này. Mở lại cổng trước đã.",
    "portal_open": "Cổng đang mở với đối tác này.",
    "too_many_reports": "Đã báo {most} trang trong một giờ. Mời đợi, hoặc báo bằng API.",
    "no_factor": "Tài khoản này chưa có lớp thứ hai.",
    "not_yours": "Lớp thứ hai do chính chủ tài khoản thiết lập.",
    "own_factor": "Lớp thứ hai của bạn phải do một người quản trị khác đặt lại.",
    "rule_moved": "Vừa có người thêm một bản khác của quy tắc {rule}. Mời tải lại trang rồi nhập lại.",
    "finding_moved": "Nghi vấn này vừa có việc mới. Mời xem lại rồi quyết định; chữ bạn gõ vẫn còn.",
    "finding_settled": "Nghi vấn này đã chuyển sang bước khác, việc này không làm được nữa.",
    "finding_again": "Cùng quy tắc này đang có một nghi vấn khác còn mở ở đây; không mở lại được bản cũ.",
    "nothing_to_undo": "Không còn việc nào rút lại được.",
    "not_handed": "Chưa chuyển thanh tra thì chưa ghi được quyết định xử lý.",
    "too_many_replies": "Đã gửi {most} lời trong một ngày. Mời quay lại ngày mai.",
    "rule_taken": "Đã có quy tắc {claim} = {value}.",
    "sso_other": "Người dùng mang địa chỉ thư này đã nối với một tài khoản khác.",
    "sso_switched_off": "Tài khoản ở đây đang bị tắt.",
    "sso_unknown": "Tài khoản này chưa được mời vào đây.",
    "sso_unverified": "Địa chỉ thư của tài khoản này chưa được xác minh.",
    "switched_off": "{email} đang bị tắt. Cho phép đăng nhập trước đã.",
    "idempotency_key_reused": "Khóa chống gửi trùng này đã dùng cho một yêu cầu khác.",
    "key_over": "Khóa này đã hết dùng.",
    "key_replaced": "Khóa này đã được đổi từ trước; khóa mới đã hiện một lần lúc ấy.",
    "push_stopped": "Sở đang dừng mọi kênh của bạn, nên chưa đặt được webhook. Hỏi người liên hệ của bạn ở Sở.",
    "push_there": "Đã có webhook; mời tải lại trang rồi đổi địa chỉ.",
    "test_just_now": "Vừa thử cách đây vài giây. Mời đợi một chút rồi thử lại.",
    "last_admin": "Đây là người quản trị cuối cùng. Hãy thêm một người quản trị khác trước.",
    "decided_since": "{who} đã có kết luận khác về bài này trong lúc đó; việc của bạn không đổi gì.",
    "undone_before": "Kết luận này đã được rút lại trước đó.",
    "too_many_answers": "Đã có quá nhiều câu trả lời về bài này trong một ngày. Mời quay lại ngày mai.",
    "licence_taken": "Giấy phép số {number} đã có trong sổ.",
    "not_approved": "Văn bản mới nhất của {bulletin} chưa được duyệt.",
    "not_retryable": "Lượt phát này không thử lại được nữa.",
    "channel_used": "Kênh {channel} vẫn đang dùng.",
    "receiver_asks": "Kênh {channel} do bên nhận tự đăng ký: muốn nhận lại, họ phải đăng ký lại.",
    "not_testable": "Loại kênh này không có gì để gọi thử.",
    "moved_meanwhile": "Giờ phát của {bulletin} vừa được người khác đổi. Mời xem giờ mới rồi quyết định lại.",
    "place_filled": "Ngày này của loạt đã có bản tin, hoặc bản tin này không nhận vào đây được.",
    "nothing_changed": "Văn bản đính chính giống hệt bản đang phát. Hãy sửa nội dung trước.",
    "nothing_to_settle": "Lượt phát này đã có kết quả, không cần kết luận.",
    "own_bulletin": "Người viết không tự duyệt bản tin của mình.",
    "held_apart": "Đã ghi nhận {one} và {other} là hai đối tác khác nhau.",
    "not_held_apart": "Không có ghi nhận nào như vậy; có thể đã được rút.",
    "partner_merged": "Đối tác mang mã {partner} đã gộp vào đối tác mang mã {into}. Chưa lưu gì; mời mở đối tác đó.",
    "partners_moved": "Một trong hai đối tác vừa thay đổi, nên chưa gộp gì. Mời xem lại số liệu rồi quyết định.",
    "partner_taken": "Đã có đối tác mang mã {partner}.",
    "sender_blocked": "Nơi gửi này đã bị chặn.",
    "notice_moved": "Thông báo này vừa được người khác đổi. Mời xem bản mới nhất rồi quyết định lại.",
    "notice_corrected": "Thông báo vừa được sửa hoặc thu hồi. Mời đọc bản mới nhất.",
    "too_many_questions": "Đã gửi {most} lời trong một ngày. Mời quay lại ngày mai, hoặc gọi cho Sở nếu gấp.",
    "question_moved": "Vừa có thêm lời trong câu hỏi này. Mời đọc lời mới nhất rồi gửi lại; chữ bạn gõ vẫn còn.",
    "answer_moved": "Lời đăng công khai vừa được người khác đổi. Mời xem bản mới nhất rồi lưu lại; chữ bạn gõ vẫn còn.",
    "too_many_mentions": "Đã nhận đủ lời báo về bản tin này, hoặc từ máy chủ này.",
    "site_moved": "Trang này vừa đổi sau khi bạn mở, nên chưa lưu gì. Chữ bạn gõ vẫn còn; ở mỗi ô khác nhau ghi điều "
    "đang có. Mời xem lại rồi bấm Lưu lần nữa.",
    "site_taken": "Trang {host} đã có trong danh bạ.",
    "form_elsewhere": "Bài này đang gõ ở một thẻ khác; bản ở đây được giữ riêng.",
    "form_saved": "Bài này đã lưu thành {bulletin}.",
    "nothing_to_review": "{bulletin} không có lần phát gấp nào chờ đọc lại.",
    "text_changed": "Văn bản đã đổi sau khi bạn mở. Mời đọc lại bản mới nhất.",
    "topic_in_series": "Loạt bản tin định kỳ {series} còn chạy với chuyên đề này. Kết thúc hoặc đổi loạt đó trước.",
    "register_stage": "Lần nhập này không còn ở bước đó. Mở lại trang của nó để xem đang ở đâu.",
    "topic_taken": "Đã có chuyên đề mang mã {topic}.",
    "too_many_filters": "Đã có {most} bộ lọc. Bỏ bớt những bộ không còn dùng.",
    "no_address": "Chỉ người dùng có địa chỉ thư ở đây mới gửi cho mình được.",
    "letter_settled": "Thư này đã có kết quả, không cần quyết định nữa.",
    "template": "Mẫu thư không điền được. Mời người giữ mẫu mở ra xem lại.",
    "wrong_kind": "Kênh này thuộc loại khác.",
    "wrong_state": "Bản tin đã chuyển sang trạng thái khác, việc này không làm được nữa. Mời tải lại trang.",
    # Files that cannot be read.
    "unreadable": "Không đọc được tệp này.",
    "macros": "Tệp Word có mã macro. Hãy lưu lại thành .docx không có macro.",
    "old_format": "Tệp thuộc kiểu cũ (.doc, .xls). Hãy mở ra và lưu lại thành .docx hoặc .xlsx.",
    "suffix": "Không nhận loại tệp này. Hãy chọn tệp Word (.docx), Markdown (.md) hoặc HTML.",
    "file_too_big": "Tệp quá lớn. Hãy bớt ảnh nhúng hoặc chia nhỏ.",
    "encoding": "Chữ trong tệp không phải bảng mã UTF-8. Hãy lưu lại tệp theo UTF-8.",
    "damaged": "Tệp bị hỏng hoặc không đúng loại như tên tệp. Hãy mở ra, lưu lại rồi thử lần nữa.",
    "empty": "Tệp không có chữ nào.",
    "not_word": "Đây không phải tệp Word (.docx) dù tên tệp ghi như vậy.",
    "password_protected": "Tệp có mật khẩu. Hãy lưu một bản không đặt mật khẩu.",
    "too_big_unpacked": "Tệp giải nén ra quá lớn so với một văn bản.",
    "doctype": "Tệp chứa khai báo mà tệp văn phòng không có, nên không được đọc.",
}

# By FieldError.code, for any field.
FIELD_ERRORS: Mapping[str, str] = {
    "as_of_ahead": "Thời điểm này chưa tới",
    "as_of_early": "Sổ ghi chưa bắt đầu vào lúc đó",
    "kind": "Chọn một loại trong danh sách",
    "period_ahead": "Kỳ này chưa bắt đầu nên chưa chốt được",
    "moment": "Nhập ngày và giờ, ví dụ 07:00 ngày 24/11/2026",
    "amount": "Nhập một số tiền, tính bằng đồng",
    "not_past": "Ngày này chưa tới; văn bản đã có thì ngày không sau hôm nay",
    "parameter": "Giá trị này không hợp với tham số",
    "unknown_parameter": "Không có tham số này",
    "same_partner": "Chọn một đối tác khác: hai bên đang là một",
    "order": "Lúc kết thúc phải sau lúc bắt đầu",
    "range": "Số này quá lớn hoặc quá nhỏ",
    "whole": "Nhập một số nguyên",
    "one_at_a_time": "Loại kênh này chỉ nhận từng lượt một",
    "required": "Mục này không được để trống",
    "rule_role": "Chọn một vai trò, không phải quản trị",
    "unknown_reason": "Chọn một lý do trong danh sách, hoặc để trống",
    "unexplained": "Ghi lý do, để người làm sau hiểu",
    "too_long": "Mục này quá dài",
    "code": "Mã chỉ gồm chữ la-tinh không dấu, chữ số và dấu gạch nối",
    "url": "Nhập địa chỉ bắt đầu bằng http:// hoặc https://",
    "email": "Nhập một địa chỉ thư điện tử đúng",
    "past": "Thời điểm này đã qua; chọn một thời điểm về sau",
    "day": "Nhập ngày theo mẫu 24/11/2026",
    "year": "Năm phải từ 1900 đến 2199",
    "period": "Nhập kỳ theo mẫu 2026-Q4, 2026-11, 2026 hoặc 2026-10-01..2026-12-31",
    "before_start": "Ngày kết thúc phải sau ngày bắt đầu",
    "before_issue": "Ngày hết hạn phải sau ngày cấp",
    "metric": "Chọn một loại chỉ tiêu trong danh sách",
    "figure": "Nhập một con số, ví dụ 12.500 hoặc 98,5",
    "quota": "Chỉ tiêu phải lớn hơn 0; tỷ lệ thì không quá 100",
    "delay": "Độ trễ tính bằng giờ, không quá 720 giờ (một tháng)",
    "outside_campaign": "Kỳ này phải nằm trọn trong thời gian của kế hoạch",
    "milestones": "Ghi mốc theo mẫu 31/10/2026: 4.000; 30/11/2026: 8.000",
    "milestones_many": "Một chỉ tiêu có nhiều nhất 12 mốc",
    "milestone_figure": "Con số của mốc phải lớn hơn 0",
    "milestone_day": "Ngày của mốc phải nằm trong kỳ của chỉ tiêu",
    "milestone_twice": "Một ngày chỉ có một mốc",
    "milestone_order": "Mốc sau không được thấp hơn mốc trước",
    "unknown_topic": "Không có chuyên đề này",
    "retired_topic": "Chuyên đề này đã ngừng dùng; chọn chuyên đề khác",
    "topic_name_taken": "Đã có chuyên đề khác mang tên này",
    "unknown_campaign": "Không có kế hoạch này",
    "unknown_channel": "Không có kênh này",
    "pattern": "Nhập một tên máy chủ như rac.example, hoặc một địa chỉ có dấu *",
    "other_host": "Địa chỉ này không thuộc trang đã khai",
    "domain": "Đây không phải một tên miền",
    "tax_code": "Mã số thuế gồm 10 chữ số, hoặc 10 chữ số, gạch nối và 3 chữ số",
    "role_or_partner": "Chọn một vai trò hoặc một đối tác, không chọn cả hai",
    "by": "Không có cách gộp này",
    "column": "Tệp thiếu cột này",
    "time": "Nhập giờ theo mẫu 14:00",
    "midnight": "24:00 là 00:00 ngày hôm sau: chọn ngày hôm sau và gõ 00:00",
    "gap": "Nhập số phút từ 0 đến 240",
    "placeholder": "Trong dấu { } chỉ dùng được {ngày} và {thứ}",
    "none_chosen_day": "Chọn ít nhất một ngày trong tuần",
    "no_file": "Chọn một tệp trước đã",
    "none_chosen": "Chọn ít nhất một nơi, hoặc chọn gửi mọi nơi",
    "differs": "Hai lần gõ mật khẩu chưa giống nhau",
    "wrong_password": "Mật khẩu hiện tại chưa đúng",
    "wrong_code": "Mã này không đúng với mã trong thư mục dữ liệu",
    "already_set_up": "Đã có người thiết lập xong; mời đăng nhập",
    "unknown_bulletin": "Không có bản tin nào đã phát hành mang mã này",
    "unknown_site": "Địa chỉ này không thuộc trang nào trong danh bạ",
    "not_your_site": "Địa chỉ này không thuộc trang nào của đối tác",
    "past_day": "Hạn này đã qua; chọn từ hôm nay trở đi",
    "none_chosen_partner": "Chọn ít nhất một đối tác có trong danh bạ",
    "unknown_notice": "Không có thông báo này, hoặc không gửi tới bạn",
    "unknown_copy": "Không có bài này trên trang của bạn",
    "names_asker": "Lời này còn để lộ ai hỏi: bỏ tên đối tác, tên trang, tên miền và tên người",
    "unknown_finding": "Không có mục nào cần sửa mang mã này",
    "before_release": "Lúc đó bản tin chưa phát hành",
    "future": "Ngày giờ này chưa tới",
    "known_file": "Tệp này đã được giữ cho bài này rồi",
    "why_urgent": "Ghi rõ vì sao không chờ được người thứ hai",
    "https": "Địa chỉ phải bắt đầu bằng https://: qua http://, ai ở giữa đường cũng đọc được tin và giả làm máy chủ "
    "của bạn được",
    "not_called": "Không gọi tới được địa chỉ này: tên miền không có, hoặc trỏ tới máy nội bộ",
    "unknown_picture": "Không có ảnh này; mời chọn lại",
    "cron": "Dòng cron gồm năm phần: phút giờ ngày tháng thứ, ví dụ 30 7 * * 1",
    "cron_two_days": "Chỉ chọn ngày trong tháng hoặc thứ trong tuần, không chọn cả hai",
    "never_comes": "Với lịch này sẽ không có lần nào",
    "too_often": "Báo cáo gửi dày nhất mỗi giờ một lần",
    "report_forms": "Chọn ít nhất một loại tệp có trong danh sách",
    "subject_gone": "Thứ này không còn; chọn thứ khác",
    "twice": "Địa chỉ này đã có ở trên",
    "too_many": "Danh sách quá dài; chia thành nhiều lịch",
    "too_many_scans": "Văn bản đã có đủ bản quét; gỡ bớt, hoặc gộp các trang vào một tệp PDF",
    "not_to_say": "Chỉ khai được khi máy không thấy cách dẫn nguồn và bài được xác nhận",
}

# By field and code, where a general sentence would be poorer. The field is the last word of its path.
NAMED_FIELDS: Mapping[tuple[str, str], str] = {
    ("title", "required"): "Nhập tiêu đề bản tin",
    ("heading", "required"): "Nhập tiêu đề",
    ("reply_by", "past"): "Hạn trả lời phải từ hôm nay trở đi",
    ("heading", "too_long"): "Tiêu đề quá dài, hãy rút ngắn",
    ("words", "required"): "Nhập nội dung",
    ("audience", "required"): "Chọn nơi nhận",
    ("title", "too_long"): "Tiêu đề quá dài, hãy rút ngắn",
    ("lead", "too_long"): "Sapo quá dài, hãy rút còn một, hai câu",
    ("body_html", "required"): "Nhập nội dung bản tin",
    ("body_html", "too_long"): "Nội dung dài quá 1 MB (chừng 100.000 chữ). Bớt đi, hoặc chia thành nhiều bản tin",
    ("topic", "unknown_topic"): "Chọn một chuyên đề trong danh sách",
    ("at", "past"): "Giờ phát hành phải sau lúc này",
    ("name", "required"): "Nhập tên",
    ("number", "required"): "Nhập số văn bản",
    ("plan_number", "required"): "Nhập số kế hoạch",
    ("issuer", "required"): "Nhập cơ quan cấp",
    ("note", "required"): "Ghi rõ lý do để người khác hiểu",
    ("why", "required"): "Ghi vì sao bỏ hôm đó",
    ("reason", "required"): "Ghi lý do thu hồi; lý do sẽ hiện trong thông báo",
    ("password", "too_short"): "Mật khẩu cần ít nhất 10 ký tự",
    ("password", "too_long"): "Mật khẩu dài nhất 128 ký tự",
    ("password", "too_simple"): "Mật khẩu cần ít nhất bốn ký tự khác nhau",
    ("holder", "required"): "Chọn một vai trò hoặc một đối tác",
    ("expires", "past"): "Ngày hết hạn của khóa phải ở phía trước",
    ("ends_on", "past"): "Ngày cuối đã qua; chọn từ hôm nay trở đi, hoặc để trống",
    ("ends_on", "never_comes"): "Ngày cuối đến trước lần gửi đầu",
    ("addresses", "required"): "Nhập ít nhất một địa chỉ thư",
    ("subject", "required"): "Chọn báo cáo nói về đâu",
    ("forms", "report_forms"): "Chọn ít nhất một loại tệp",
}


def error_sentence(error: CampaignError, locale: str) -> str:
    """The error in the reader's language; the English message when no sentence fits."""
    sentence = ERRORS.get(error.code)
    if sentence is None or locale.startswith("en"):
        return error.message
    try:
        return sentence.format(**error.params)
    except KeyError:  # raised without the values the sentence wants: its English message has them
        return error.message


def field_sentence(error: FieldError, locale: str) -> str:
    """What is wrong with one field, in the reader's language; the English message when no sentence fits."""
    if locale.startswith("en"):
        return error.message
    field = error.field.rpartition(".")[2]
    return NAMED_FIELDS.get((field, error.code)) or FIELD_ERRORS.get(error.code) or error.message


@dataclass(frozen=True)
class ErrorPage:
    """The words of one error page: its heading, and what the reader can do."""

    heading: str
    advice: str


ERROR_PAGES: Mapping[int, tuple[ErrorPage, ErrorPage]] = {
    400: (
        ErrorPage("Yêu cầu không đọc được", "Mời quay lại trang trước, tải lại rồi gửi lần nữa. Bài viết vẫn còn."),
        ErrorPage("The request could not be read", "Go back, reload the page and send it again. Your text is kept."),
    ),
    401: (
        ErrorPage("Phiên đã hết", "Đăng nhập lại, bài viết vẫn còn."),
        ErrorPage("You were signed out", "Sign in again, your text is kept."),
    ),
    403: (
        ErrorPage("Bạn không được xem trang này", "Nếu cần cho công việc, mời hỏi người quản trị để được cấp quyền."),
        ErrorPage("This page is not yours to see", "If your work needs it, ask an administrator for access."),
    ),
    404: (
        ErrorPage("Không có trang này", "Địa chỉ có thể đã gõ sai, hoặc trang đã được chuyển đi."),
        ErrorPage("There is no such page", "The address may be mistyped, or the page has moved."),
    ),
    405: (
        ErrorPage("Trang này không nhận cách gửi ấy", "Mời quay lại và dùng nút trên trang."),
        ErrorPage("This page does not take that method", "Go back and use the button on the page."),
    ),
    409: (
        ErrorPage("Có người vừa thay đổi mục này", "Mời quay lại, tải lại trang để xem bản mới nhất rồi làm tiếp."),
        ErrorPage("Somebody has just changed this", "Go back, reload to see the newest version, then carry on."),
    ),
    410: (
        ErrorPage("Nội dung này đã được gỡ", "Nội dung không còn được lưu hành."),
        ErrorPage("This has been withdrawn", "It is no longer in circulation."),
    ),
    413: (
        ErrorPage("Tệp quá lớn", "Mời giảm dung lượng tệp hoặc chia nhỏ rồi tải lên lại."),
        ErrorPage("The file is too large", "Make it smaller or split it, then upload again."),
    ),
    422: (
        ErrorPage("Còn chỗ phải sửa", "Mời quay lại trang trước và sửa; bài viết vẫn còn."),
        ErrorPage("Something has to be mended", "Go back and mend it; your text is kept."),
    ),
    429: (
        ErrorPage("Gửi quá nhiều lần", "Mời chờ một lát rồi thử lại."),
        ErrorPage("Too many requests", "Wait a little, then try again."),
    ),
    500: (
        ErrorPage("Hệ thống gặp lỗi", "Lỗi đã được ghi lại. Mời thử lại sau ít phút."),
        ErrorPage("Something failed on our side", "It has been recorded. Try again in a few minutes."),
    ),
    503: (
        ErrorPage("Hệ thống đang bận", "Mời thử lại sau ít phút."),
        ErrorPage("The system is busy", "Try again in a few minutes."),
    ),
}


STORE_AWAY = (
    ErrorPage(
        "Chưa tới được kho lưu",
        "Nơi giữ các trang đã chụp và các tệp không trả lời. Không có gì bị mất và chưa có gì được ghi; mời thử lại "
        "sau ít phút. Nếu vẫn vậy, mời báo người quản trị.",
    ),
    ErrorPage(
        "The store cannot be reached",
        "The place where captured pages and files are kept does not answer. Nothing is lost, and nothing was written; "
        "try again in a few minutes. If it stays so, tell an administrator.",
    ),
)


def store_page(locale: str) -> ErrorPage:
    """The words for a page that needs what is kept, while the place it is kept in cannot be reached."""
    return STORE_AWAY[locale.startswith("en")]


def page_for(status: int, locale: str) -> ErrorPage:
    """The words for an HTTP status; one without words of its own gets those of its class (400 or 500)."""
    known = ERROR_PAGES.get(status) or ERROR_PAGES[400 if status < 500 else 500]
    return known[locale.startswith("en")]


OUTLIVED: Mapping[bool, tuple[ErrorPage, ErrorPage]] = {
    False: (
        ErrorPage("Phiên đã hết", "Việc vừa bấm chưa được làm. Đăng nhập lại rồi bấm lần nữa; bài đang soạn vẫn còn."),
        ErrorPage("You were signed out", "Nothing was done. Sign in again and press once more; your text is kept."),
    ),
    True: (
        ErrorPage("Trang này mở từ phiên trước", "Việc vừa bấm chưa được làm. Mở lại trang rồi bấm lần nữa."),
        ErrorPage("This page is from an earlier session", "Nothing was done. Open it again and press once more."),
    ),
}


def outlived_page(locale: str, *, signed_in: bool) -> ErrorPage:
    """The words for a form whose page is from a session that has ended. ``signed_in``: in another one since."""
    return OUTLIVED[signed_in][locale.startswith("en")]


def wait_words(seconds: object, locale: str) -> str | None:
    """How long somebody who was too fast has to wait, in whole minutes or seconds; None when it is not known."""
    if not isinstance(seconds, int):
        return None
    english = locale.startswith("en")
    if seconds <= 60:
        return f"Try again in {seconds} seconds." if english else f"Mời thử lại sau {seconds} giây."
    minutes = -(-seconds // 60)
    return f"Try again in {minutes} minutes." if english else f"Mời thử lại sau {minutes} phút."
