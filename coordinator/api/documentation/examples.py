"""Examples of bodies, by operation. A test holds each to the schema of its operation."""

from typing import Any

_NOTE = "Ảnh chụp cho thấy tên Sở ở cuối bài."

BODIES: dict[str, dict[str, Any]] = {
    "post_campaigns": {
        "code": "ke-hoach-174",
        "plan_number": "174-KH/UBND",
        "name": "Lan tỏa thông tin chính thống quý IV",
        "starts_on": "2026-10-01",
        "ends_on": "2026-12-31",
        "topics": ["dich-benh"],
        "targets": [{"metric": "republications", "quota": 12500}, {"metric": "bulletins", "quota": 330}],
    },
    "post_topics": {"code": "giao-thong", "name": "Giao thông"},
    "post_bulletins": {
        "title": "Lịch tiêm vắc-xin cúm",
        "lead": "Miễn phí tại trạm y tế.",
        "body_text": "Ba mươi trạm y tế mở cửa từ 7 giờ 30 đến 16 giờ.",
        "topic": "dich-benh",
        "campaign": "ke-hoach-174",
    },
    "patch_bulletins_code": {"lead": "Miễn phí tại mọi trạm y tế.", "revision": 1},
    "post_bulletins_code_approve": {"revision_hash": "eef0de92c1b5a4f7d3e8a6b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d"},
    "post_bulletins_code_return": {"note": "Ghi rõ giờ mở cửa ngày thứ bảy."},
    "post_bulletins_code_publish": {"at": "2026-11-26T07:30:00+07:00"},
    "post_bulletins_code_correct": {
        "body_text": "Ba mươi mốt trạm y tế mở cửa từ 7 giờ 30 đến 16 giờ.",
        "note": "Thêm trạm y tế phường Láng.",
    },
    "post_bulletins_code_recall": {"reason": "Lịch tiêm đã hoãn."},
    "post_templates": {
        "name": "Bản tin dịch bệnh tuần",
        "title": "Tình hình dịch bệnh tuần {tuần} (đến ngày {ngày})",
        "body_text": "Trong tuần ghi nhận {điền: số ca mắc} ca mắc mới.",
        "topic": "dich-benh",
    },
    "patch_templates_ident": {"lead": "Số liệu của các trạm y tế.", "version": 1},
    "post_templates_ident_start": {"day": "2026-11-30", "campaign": "ke-hoach-174"},
    "post_deliveries_ident_resolve": {"outcome": "delivered", "url": "https://nhip-song.example/lich-tiem.html"},
    "post_channels": {
        "kind": "webhook",
        "name": "Máy nhận của Nhịp Sông",
        "partner": "nhip-song",
        "settings": {"url": "https://nhip-song.example/nhan-tin"},
    },
    "post_partners": {"code": "nhip-song", "name": "Công ty Nhịp Sông", "tax_code": "0101234567"},
    "post_sites": {
        "partner": "nhip-song",
        "name": "Nhịp Sông",
        "url": "https://nhip-song.example/",
        "kind": "aggregator",
        "feeds": ["https://nhip-song.example/rss.xml"],
    },
    "post_licences": {
        "partner": "nhip-song",
        "number": "58/GP-TTĐT",
        "kind": "aggregator",
        "issuer": "Cục Phát thanh, truyền hình và thông tin điện tử",
        "issued_on": "2024-05-20",
        "expires_on": "2034-05-20",
        "domains": ["nhip-song.example"],
    },
    "post_agreements": {
        "partner": "nhip-song",
        "number": "12/VBCT-2026",
        "starts_on": "2026-01-01",
        "topics": ["dich-benh"],
    },
    "post_republications": {
        "bulletin": "BT-2026-11-25-001",
        "url": "https://nhip-song.example/lich-tiem.html",
        "published_at": "2026-11-25T09:12:00+07:00",
    },
    "post_republications_batch": {
        "claims": [{"bulletin": "BT-2026-11-25-001", "url": "https://nhip-song.example/lich-tiem.html"}]
    },
    "post_republications_ident_confirm": {"note": _NOTE, "reason": "picture_shows"},
    "post_republications_ident_reject": {"note": "Lấy từ nơi khác.", "reason": "other_origin"},
    "post_republications_ident_answer": {"answer": "mended", "finding": "named_only"},
    "post_republications_ident_undo": {"decision": "dec_5b71c0de"},
    "post_receipts": {
        "delivery": "dlv_9ddf66570c1e",
        "status": "published",
        "url": "https://nhip-song.example/lich-tiem.html",
    },
    "post_questions": {"title": "Ảnh bìa", "text": "Chúng tôi được dùng ảnh bìa khác không?"},
    "post_notices": {"title": "Họp giao ban tháng 12", "body_text": "14 giờ ngày 03/12, tại hội trường tầng 2."},
    "post_briefings": {"period": "2026-Q4", "campaign": "ke-hoach-174"},
}
