"""The guide of each page: the longest beginning of its template's name decides."""

from coordinator.translation import Language

# Beginning of a template's name: the guide in Vietnamese, the guide in English; a section after ``#``.
PAGE_GUIDES: dict[str, tuple[str, str]] = {
    "auth/": ("vi/moi-nguoi-vao", "how-to/let-people-in"),
    "desk/": ("vi/README", "how-to/README"),
    "desk/bulletins/": ("vi/viet-ban-tin", "how-to/write-a-bulletin"),
    "desk/bulletins/import": ("vi/nhap-ban-tin", "how-to/import-bulletins"),
    "desk/bulletins/outcomes": ("vi/lich-phat-hanh#xem-ai-nhận", "how-to/plan-with-the-calendar"),
    "desk/bulletins/template": ("vi/mau-ban-tin", "how-to/use-templates"),
    "desk/bulletins/picture": ("vi/thu-vien-anh", "how-to/keep-pictures"),
    "desk/bulletins/views": ("vi/luot-xem", "how-to/read-the-views"),
    "desk/channels/": ("vi/tai-khoan-va-kenh", "how-to/README"),
    "desk/channels/replay": ("vi/gui-lai", "how-to/send-again"),
    "desk/channels/zalo": ("vi/thiet-lap-zalo", "how-to/channels/zalo"),
    "desk/compliance/": ("vi/xu-ly-nghi-van", "how-to/handle-a-finding"),
    "desk/compliance/cases/": ("vi/vu-viec", "how-to/handle-a-finding"),
    "desk/core/journal": ("vi/nhat-ky", "how-to/watch-it"),
    "desk/delivery/": ("vi/gui-lai", "how-to/send-again"),
    "desk/delivery/websub": ("vi/nguon-tin-cho-doi-tac", "how-to/give-a-partner-its-feed"),
    "desk/discovery/": ("vi/theo-doi-trang", "how-to/watch-a-site"),
    "desk/messages/": ("vi/thong-bao-doi-tac", "how-to/tell-partners-something"),
    "desk/messages/question": ("vi/tra-loi-doi-tac", "how-to/answer-partners"),
    "desk/messages/shared": ("vi/tra-loi-doi-tac", "how-to/answer-partners"),
    "desk/partners/": ("vi/so-giay-phep", "how-to/keep-the-register"),
    "desk/partners/agreements/": ("vi/van-ban-chap-thuan", "how-to/keep-agreements"),
    "desk/partners/claims": ("vi/bai-doi-tac-bao", "how-to/read-the-claims"),
    "desk/partners/editor": ("vi/moi-doi-tac-vao-cong", "how-to/let-a-partner-in"),
    "desk/partners/portal_access": ("vi/moi-doi-tac-vao-cong", "how-to/let-a-partner-in"),
    "desk/partners/register/": ("vi/nhap-so-giay-phep", "how-to/import-the-register"),
    "desk/partners/site": ("vi/theo-doi-trang", "how-to/watch-a-site"),
    "desk/people/": ("vi/moi-nguoi-vao", "how-to/let-people-in"),
    "desk/people/api_key": ("vi/nguon-tin-cho-doi-tac", "how-to/give-a-partner-its-feed"),
    "desk/people/confirmations": ("vi/xac-nhan-nguoi-thu-hai", "how-to/let-people-in"),
    "desk/people/personal_data": ("vi/du-lieu-ca-nhan", "explanation/personal-data"),
    "desk/planning/": ("vi/tien-do", "how-to/read-the-progress"),
    "desk/release/": ("vi/duyet-va-phat", "how-to/write-a-bulletin"),
    "desk/release/bulk": ("vi/hen-gio-nhieu-ban-tin", "how-to/schedule-several"),
    "desk/release/calendar": ("vi/lich-phat-hanh", "how-to/plan-with-the-calendar"),
    "desk/release/continuity": ("vi/lich-phat-hanh", "how-to/plan-with-the-calendar"),
    "desk/release/correction": ("vi/dinh-chinh-thu-hoi", "how-to/correct-and-recall"),
    "desk/release/recall": ("vi/dinh-chinh-thu-hoi", "how-to/correct-and-recall"),
    "desk/release/series": ("vi/lich-phat-hanh", "how-to/plan-with-the-calendar"),
    "desk/release/slots": ("vi/lich-phat-hanh", "how-to/plan-with-the-calendar"),
    "desk/reporting/": ("vi/bao-cao-giao-ban", "how-to/make-a-report"),
    "desk/reporting/digest": ("vi/gui-bao-cao-dinh-ky", "how-to/schedule-reports"),
    "desk/reporting/history/": ("vi/nhap-so-lieu-truoc", "how-to/import-history"),
    "desk/reporting/open_data": ("vi/du-lieu-mo", "how-to/read-it-in-grafana"),
    "desk/reporting/progress/": ("vi/tien-do", "how-to/read-the-progress"),
    "desk/reporting/ranking": ("vi/ghi-nhan-doi-tac", "how-to/thank-partners"),
    "desk/reporting/saved_filters": ("vi/gui-bao-cao-dinh-ky", "how-to/schedule-reports"),
    "desk/reporting/schedule": ("vi/gui-bao-cao-dinh-ky", "how-to/schedule-reports"),
    "desk/republications/": ("vi/xem-xet-bai-dang-lai", "how-to/review-copies"),
    "desk/republications/removals": ("vi/theo-doi-go-bai", "how-to/follow-a-recall"),
    "desk/republications/show": ("vi/ho-so-bang-chung", "how-to/hand-evidence-to-an-inspector"),
    "desk/republications/social/": ("vi/bai-tren-mang-xa-hoi", "how-to/confirm-behind-a-sign-in"),
    "desk/republications/upload_evidence": ("vi/bai-sau-dang-nhap", "how-to/confirm-behind-a-sign-in"),
    "desk/search/": ("vi/tim-kiem", "how-to/search"),
    "desk/today/": ("vi/viec-hang-ngay", "how-to/README"),
    "desk/today/first_day": ("vi/ngay-dau-tien", "tutorial/first-day"),
}


def guide_of(template: str, language: Language) -> str | None:
    """Return the guide of a page, with its section after ``#``; None for a template that is no page of the desk."""
    begins = [begin for begin in PAGE_GUIDES if template.startswith(begin)]
    if not begins:
        return None
    vietnamese, english = PAGE_GUIDES[max(begins, key=len)]
    return vietnamese if language == "vi" else english
