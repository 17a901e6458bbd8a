"""How a message to a partner's own address went, in words for who keeps that address. Pure but for the language."""

from campaigns.publishing.channels import ChannelState
from campaigns.publishing.outbox import DeliveryState
from coordinator.web.saying import _


def advice(state: DeliveryState, channel: ChannelState, status: int | None, error: str) -> str:
    """What the receiver's keeper can do about a delivery as it stands; '' when there is nothing to do."""
    if state is DeliveryState.DELIVERED:
        return ""
    if channel is ChannelState.PAUSED:
        return _("Sở đang tạm dừng kênh; lượt này đi khi kênh chạy lại.")
    if state in {DeliveryState.CANCELLED, DeliveryState.SKIPPED}:
        return _("Không còn cần gửi: có bản mới hơn, hoặc bản tin đã thu hồi.")
    said = answered(status, error)
    if state is DeliveryState.RETRYING:
        return said + " " + _("Máy sẽ tự gửi lại.")
    if state is DeliveryState.DEAD:
        more = _("Máy đã thôi gửi lượt này. Chữa xong thì nhờ Sở gửi lại, hoặc lấy bản tin ở mục Bản tin.")
        return f"{said} {more}"
    return ""


def answered(status: int | None, error: str) -> str:
    """What an address answered, and what that mostly comes from."""
    if status is None:
        return _unreached(error.lower())
    if 200 <= status < 300:
        return _("Máy chủ của bạn trả lời %(status)s: đã nhận.", status=status)
    if status < 400:
        return _("Máy chủ trả lời chuyển hướng (%(status)s), ta không đi theo. Mời khai địa chỉ cuối.", status=status)
    if status in {401, 403}:
        return _("Máy chủ không chấp nhận chữ ký (%(status)s). Đối chiếu khóa ký ở máy của bạn.", status=status)
    if status in {404, 405}:
        return _("Địa chỉ không có hoặc không nhận POST (%(status)s). Kiểm tra đường dẫn.", status=status)
    if status == 410:
        return _("Máy chủ báo địa chỉ này thôi dùng (410); với tin thật, kênh sẽ ngừng hẳn.")
    if status == 429:
        return _("Máy chủ xin gửi chậm lại (429).")
    if status >= 500:
        return _("Máy chủ của bạn đang lỗi (%(status)s). Xem nhật ký của máy chủ.", status=status)
    return _("Máy chủ trả lời %(status)s, không phải đã nhận.", status=status)


def _unreached(error: str) -> str:
    for words, sentence in (
        ("not a public one", _("Tên miền trỏ tới địa chỉ nội bộ, không được gọi tới.")),
        ("is not called", _("Chỉ gọi tới cổng 443.")),
        ("no such host", _("Không có tên miền này.")),
        ("has no address", _("Không có tên miền này.")),
        ("in time", _("Máy chủ không trả lời kịp. Nên trả lời 2xx ngay rồi mới xử lý.")),
        ("certificate", _("Chứng thư của máy chủ không hợp lệ.")),
        ("secret", _("Kênh chưa có khóa ký. Mời đổi khóa.")),
    ):
        if words in error:
            return sentence
    return _("Không nối được tới máy chủ. Kiểm tra địa chỉ, chứng thư và tường lửa.")
