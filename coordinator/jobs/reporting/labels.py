"""Vietnamese labels of figures: reports are in Vietnamese, independent of the language of the reader's pages."""

from campaigns.planning.campaigns import Metric
from campaigns.planning.progress import TargetStatus
from campaigns.republications.attribution.verdicts import Attribution

METRIC_VI = {
    Metric.BULLETINS: "Bản tin phát hành",
    Metric.REPUBLICATIONS: "Lượt lan tỏa đã xác nhận",
    Metric.PARTNERS: "Đối tác có đăng lại",
    Metric.ATTRIBUTION_RATE: "Tỷ lệ dẫn nguồn đủ (%)",
    Metric.VIEWS: "Lượt xem (đã lọc)",
    Metric.MEDIAN_DELAY: "Thời gian đăng lại điển hình, nhiều nhất (giờ)",
}
STANDING_VI = {TargetStatus.MET: "Đã đạt", TargetStatus.ON_COURSE: "Đúng tiến độ", TargetStatus.BEHIND: "Chậm"}
ATTRIBUTION_VI = {
    Attribution.LINKED_AT_END: "Có đường dẫn ở cuối bài",
    Attribution.LINKED_ELSEWHERE: "Đường dẫn đặt chỗ khác",
    Attribution.HOME_PAGE_ONLY: "Chỉ dẫn tới trang chủ",
    Attribution.URL_TEXT_ONLY: "Địa chỉ viết thành chữ",
    Attribution.NAMED_ONLY: "Chỉ nêu tên",
    Attribution.NAMED_OTHER_SOURCE: "Nêu nguồn khác",
    Attribution.NONE: "Không nêu nguồn",
    Attribution.NOT_SEEN: "Không thấy được nguồn, không tính vào tỷ lệ",
}
