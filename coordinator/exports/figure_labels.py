"""The names of figures and of what they are counted by: one name for pages and files. They are messages, translated
when shown."""

from collections.abc import Mapping

from campaigns.compliance.cases.cases import DecisionForm
from campaigns.partners.directory import SiteKind
from campaigns.planning.campaigns import Metric
from campaigns.planning.target_progress import TargetStatus
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.translation import N_, NP_

METRIC_LABELS: Mapping[Metric, str] = {
    Metric.BULLETINS: N_("Bản tin đã phát hành"),
    Metric.REPUBLICATIONS: N_("Số bài đăng lại"),
    Metric.PARTNERS: N_("Đối tác có đăng lại"),
    Metric.ATTRIBUTION_RATE: N_("Tỷ lệ dẫn nguồn đủ (%)"),
    Metric.VIEWS: N_("Lượt xem"),
    Metric.MEDIAN_DELAY: N_("Thời gian đăng lại điển hình (giờ)"),
}
TARGET_STATUS_LABELS: Mapping[TargetStatus, str] = {
    TargetStatus.MET: NP_("target", "Đã đạt"),
    TargetStatus.ON_COURSE: N_("Đúng tiến độ"),
    TargetStatus.BEHIND: N_("Chậm"),
}
ATTRIBUTION_LABELS: Mapping[Attribution, str] = {
    Attribution.LINKED_AT_END: N_("Có đường dẫn ở cuối bài"),
    Attribution.LINKED_ELSEWHERE: N_("Đường dẫn đặt chỗ khác"),
    Attribution.HOME_PAGE_ONLY: N_("Chỉ dẫn tới trang chủ"),
    Attribution.URL_TEXT_ONLY: N_("Địa chỉ viết thành chữ"),
    Attribution.NAMED_ONLY: N_("Chỉ nêu tên"),
    Attribution.NAMED_OTHER_SOURCE: N_("Nêu nguồn khác"),
    Attribution.NONE: N_("Không nêu nguồn"),
    Attribution.NOT_SEEN: N_("Không thấy được nguồn, không tính vào tỷ lệ"),
}
SITE_KIND_LABELS: Mapping[SiteKind, str] = {
    SiteKind.AGGREGATOR: N_("Trang thông tin điện tử tổng hợp"),
    SiteKind.SOCIAL: N_("Mạng xã hội"),
}
DECISION_FORM_LABELS: Mapping[DecisionForm, str] = {
    DecisionForm.REMINDER: N_("Nhắc nhở bằng công văn"),
    DecisionForm.MENDED: NP_("decision form", "Đã khắc phục"),
    DecisionForm.HANDED: NP_("decision form", "Chuyển thanh tra"),
    DecisionForm.FINE: N_("Phạt tiền"),
    DecisionForm.OTHER: N_("Quyết định không phạt tiền"),
}
GROUP_LABELS: Mapping[str, str] = {
    "partner": N_("Đối tác"),
    "site": N_("Trang"),
    "topic": N_("Chuyên đề"),
    "channel": N_("Kênh"),
    "month": N_("Tháng"),
    "day": N_("Ngày"),
}
GROUP_TITLES: Mapping[str, str] = {
    "partner": N_("Theo đối tác"),
    "site": N_("Theo trang"),
    "topic": N_("Theo chuyên đề"),
    "channel": N_("Theo kênh"),
    "month": N_("Theo tháng"),
    "day": N_("Theo ngày"),
}
