"""The journal's acts in words. An act without words is shown by its code: nothing that happened is hidden."""

from collections.abc import Mapping

from coordinator.web.look import language

ACTS: Mapping[str, tuple[str, str]] = {
    "agreement.added": ("Thêm văn bản chấp thuận", "Agreement added"),
    "agreement.changed": ("Sửa văn bản chấp thuận", "Agreement changed"),
    "bulletin.approved": ("Duyệt bản tin", "Bulletin approved"),
    "bulletin.corrected": ("Đính chính", "Bulletin corrected"),
    "bulletin.correction_returned": ("Trả lại bản đính chính", "Correction returned"),
    "bulletin.correction_written": ("Viết bản đính chính", "Correction written"),
    "bulletin.published": ("Phát hành", "Bulletin published"),
    "bulletin.recalled": ("Thu hồi", "Bulletin recalled"),
    "bulletin.returned": ("Trả lại để sửa", "Bulletin returned"),
    "bulletin.revised": ("Sửa bản tin", "Bulletin revised"),
    "bulletin.scheduled": ("Hẹn giờ phát hành", "Bulletin scheduled"),
    "bulletin.unscheduled": ("Bỏ giờ phát, vẫn duyệt", "Release time taken away"),
    "bulletin.submitted": ("Gửi duyệt", "Bulletin submitted"),
    "bulletin.urgent": ("Phát gấp, một chữ ký", "Released urgently, one signature"),
    "bulletin.urgent_reviewed": ("Đọc lại sau phát gấp", "Urgent release reviewed"),
    "bulletin.written": ("Soạn bản tin", "Bulletin written"),
    "calendar_key.added": ("Tạo khóa đọc lịch", "Calendar key made"),
    "calendar_key.revoked": ("Hủy khóa đọc lịch", "Calendar key revoked"),
    "campaign.added": ("Thêm kế hoạch", "Campaign added"),
    "campaign.changed": ("Sửa kế hoạch", "Campaign changed"),
    "channel.added": ("Thêm kênh", "Channel added"),
    "channel.changed": ("Sửa kênh", "Channel changed"),
    "channel.paused": ("Tạm dừng kênh", "Channel paused"),
    "channel.resumed": ("Cho kênh chạy tiếp", "Channel resumed"),
    "channel.slots": ("Đổi khung giờ của kênh", "Slots of a channel changed"),
    "channel.state": ("Kênh đổi tình trạng", "Channel changed state"),
    "delivery.retried": ("Thử lại lượt phát", "Delivery retried"),
    "delivery.settled": ("Kết luận lượt phát", "Delivery settled"),
    "evidence.rejudged": ("Đã chấm lại bản chụp theo luật mới", "Kept pages judged again"),
    "evidence.rejudging": ("Bắt đầu chấm lại bản chụp", "Judging kept pages again"),
    "hours.saved": ("Đổi giờ yên lặng và khoảng cách", "Hours of release changed"),
    "key.added": ("Tạo khóa", "Key made"),
    "key.revoked": ("Hủy khóa", "Key revoked"),
    "licence.added": ("Thêm giấy phép", "Licence added"),
    "licence.changed": ("Sửa giấy phép", "Licence changed"),
    "mention.blocked": ("Chặn nơi gửi Webmention", "Webmention sender blocked"),
    "mention.unblocked": ("Bỏ chặn nơi gửi Webmention", "Webmention sender unblocked"),
    "office.saved": ("Sửa thông tin cơ quan", "Department saved"),
    "partner.added": ("Thêm đối tác", "Partner added"),
    "partner.entered": ("Đối tác vào cổng", "Partner entered the portal"),
    "partner.changed": ("Sửa đối tác", "Partner changed"),
    "person.added": ("Thêm người dùng", "Person added"),
    "person.changed": ("Đổi vai trò, quyền vào", "Person changed"),
    "person.codes_renewed": ("Đổi mã khôi phục", "Recovery codes renewed"),
    "person.factor_removed": ("Bỏ lớp thứ hai", "Second factor removed"),
    "person.factor_reset": ("Đặt lại lớp thứ hai cho người khác", "Second factor reset for somebody"),
    "person.factor_set": ("Thiết lập lớp thứ hai", "Second factor set up"),
    "person.invitation_accepted": ("Nhận lời mời", "Invitation accepted"),
    "person.invited": ("Mời người dùng", "Person invited"),
    "person.link_made": ("Tạo đường dẫn đặt mật khẩu", "Link for a new password made"),
    "person.link_revoked": ("Thu lại đường dẫn", "Link taken back"),
    "person.password_renewed": ("Đặt lại mật khẩu bằng đường dẫn", "Password renewed by link"),
    "person.sign_in_ended": ("Kết thúc một phiên", "Sign-in ended"),
    "person.sign_ins_ended": ("Kết thúc các phiên", "Sign-ins ended"),
    "person.signed_in": ("Đăng nhập", "Signed in"),
    "person.password_changed": ("Tự đổi mật khẩu", "Own password changed"),
    "person.password_set": ("Đặt mật khẩu cho người khác", "Password set for somebody"),
    "picture.added": ("Tải ảnh lên", "Picture uploaded"),
    "receipt.given": ("Đối tác báo đã nhận", "Receipt given"),
    "register.agreed": ("Đồng ý nhập sổ giấy phép", "Import of a register agreed to"),
    "register.called_off": ("Hủy nhập sổ giấy phép", "Import of a register called off"),
    "register.imported": ("Nhập xong sổ giấy phép", "Register imported"),
    "republication.answered": ("Đối tác trả lời về một bài", "Partner answered on a republication"),
    "republication.answers_read": ("Đã xem câu trả lời của đối tác", "Partner's answers read"),
    "republication.back": ("Bài hiện lại trên trang", "Republication is back"),
    "republication.candidate": ("Để chờ: địa chỉ thứ hai", "Kept waiting: a second address"),
    "republication.changed": ("Bài trên trang đổi chữ", "Republication changed"),
    "republication.claimed": ("Báo bài đăng lại", "Republication claimed"),
    "republication.confirmed": ("Xác nhận lượt lan tỏa", "Republication confirmed"),
    "republication.followed": ("Bài đã theo bản đính chính", "Republication follows the correction"),
    "republication.gone": ("Bài đã gỡ", "Republication gone"),
    "republication.missing": ("Không thấy bài, sẽ xem lại", "Republication not found, to be looked at again"),
    "republication.rejected": ("Loại lượt lan tỏa", "Republication rejected"),
    "republication.review": ("Chuyển người xem xét", "Handed to a person"),
    "republication.undone": ("Hoàn tác kết luận", "Conclusion taken back"),
    "series.begun": ("Lập loạt bản tin định kỳ", "Series begun"),
    "series.changed": ("Đổi loạt bản tin định kỳ", "Series changed"),
    "series.day_changed": ("Sửa riêng một ngày của loạt", "One day of a series changed"),
    "series.day_emptied": ("Rút bản tin khỏi một ngày của loạt", "Bulletin taken out of a day"),
    "series.day_filled": ("Đặt bản tin vào một ngày của loạt", "Bulletin put into a day"),
    "series.day_restored": ("Trả một ngày của loạt về như thường lệ", "Day of a series as usual again"),
    "series.day_skipped": ("Bỏ một ngày của loạt", "Day of a series left out"),
    "series.ended": ("Kết thúc loạt bản tin định kỳ", "Series ended"),
    "site.added": ("Thêm trang", "Site added"),
    "site.changed": ("Sửa trang", "Site changed"),
    "site.looked": ("Cho xem lại trang ngay", "Site looked at again at once"),
    "source.failing": ("Nguồn của trang lỗi quá một ngày", "Source failing for a day"),
    "source.moved": ("Nguồn của trang đổi địa chỉ", "Source moved"),
    "source.recovered": ("Nguồn của trang đọc lại được", "Source works again"),
    "source.silent": ("Nguồn của trang im lặng lâu", "Source silent for long"),
    "topic.added": ("Thêm chuyên đề", "Topic added"),
}

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "agreement": ("Văn bản chấp thuận", "Agreement"),
    "bulletin": ("Bản tin", "Bulletin"),
    "campaign": ("Kế hoạch", "Campaign"),
    "channel": ("Kênh", "Channel"),
    "delivery": ("Lượt phát", "Delivery"),
    "evidence": ("Luật đếm", "Rules of counting"),
    "key": ("Khóa", "Key"),
    "licence": ("Giấy phép", "Licence"),
    "mention_block": ("Chặn Webmention", "Webmention block"),
    "office": ("Cơ quan", "Department"),
    "partner": ("Đối tác", "Partner"),
    "person": ("Người dùng", "Person"),
    "picture": ("Ảnh", "Picture"),
    "republication": ("Lượt lan tỏa", "Republication"),
    "site": ("Trang", "Site"),
    "topic": ("Chuyên đề", "Topic"),
}


def act_words(act: str) -> str:
    """An act in the reader's language."""
    return _said(ACTS, act)


def subject_words(kind: str) -> str:
    """A kind of subject in the reader's language."""
    return _said(SUBJECTS, kind)


def _said(words: Mapping[str, tuple[str, str]], code: str) -> str:
    found = words.get(code)
    return code if found is None else found[language() == "en"]
