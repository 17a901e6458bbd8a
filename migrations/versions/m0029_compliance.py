"""Rules as dated data, findings with their steps, inspections of front pages; letters that tell of a finding."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHECKERS = (
    "imprint", "source_named", "source_linked", "signed", "not_early", "verbatim", "in_scope", "agreed", "licensed",
    "taken_down", "sources", "no_comments", "name",
)  # fmt: skip
SEVERITIES = ("minor", "serious", "grave")
STANDINGS = ("proposed", "confirmed", "dismissed")
OUTCOMES = ("reminded", "mended", "handed", "decided")
HAPPENED = (
    "proposed", "seen_again", "seen_mended", "shown", "replied", "read", "confirmed", "dismissed", "reminded", "mended",
    "handed", "decided", "undone",
)  # fmt: skip
LETTERS_BEFORE = "kind IN ('link', 'editor', 'forgotten', 'alarm', 'notice')"
LETTERS = "kind IN ('link', 'editor', 'forgotten', 'alarm', 'notice', 'finding')"


def one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    """A text that is one of these, under a named check."""
    longest = max(len(one) for one in values)
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=max(longest, 16))


def key_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A reference to another table's number."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    _rules()
    _inspections()
    _findings()
    _letters(LETTERS)


def _rules() -> None:
    rules = op.create_table(
        "compliance_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("in_force_to", sa.Date(), nullable=True),
        sa.Column("checker", one_of(CHECKERS, "checker"), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("severity", one_of(SEVERITIES, "severity"), nullable=False),
        sa.Column("asked", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("fine_from", sa.BigInteger(), nullable=True),
        sa.Column("fine_to", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("added_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_rules")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_compliance_rules_code_version")),
    )
    op.bulk_insert(rules, RULES)
    op.create_table(
        "compliance_sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_sweep")),
    )


def _inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        key_to("inspections", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("site_id", name=op.f("uq_inspections_site_id")),
    )
    wanted = sa.text("due_at IS NOT NULL")
    op.create_index("ix_inspections_due_at", "inspections", ["due_at"], sqlite_where=wanted, postgresql_where=wanted)
    op.create_table(
        "kept_fronts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("seen", one_of(("front", "article"), "seen"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("final_url", sa.String(2000), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_key", sa.String(200), nullable=False),
        sa.Column("capture_key", sa.String(200), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        key_to("kept_fronts", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_fronts")),
        sa.UniqueConstraint("public", name=op.f("uq_kept_fronts_public")),
    )
    op.create_index("ix_kept_fronts_site_id_body_hash", "kept_fronts", ["site_id", "body_hash"])


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(30), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("republication_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fault", sa.String(40), nullable=False),
        sa.Column("mark", sa.String(300), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("excerpt", sa.String(500), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("kept_id", sa.Integer(), nullable=True),
        sa.Column("page_url", sa.String(2000), nullable=False),
        sa.Column("page_at", MOMENT, nullable=False),
        sa.Column("page_hash", sa.String(64), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("mended_seen_at", MOMENT, nullable=True),
        sa.Column("standing", one_of(STANDINGS, "finding_standing"), nullable=False),
        sa.Column("outcome", one_of(OUTCOMES, "finding_outcome"), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(200), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shown_at", MOMENT, nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("waits_since", MOMENT, nullable=True),
        sa.Column("letter_number", sa.String(80), nullable=False),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("decision_number", sa.String(80), nullable=False),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        key_to("findings", "rule_id", "compliance_rules"),
        key_to("findings", "company_id", "companies"),
        key_to("findings", "site_id", "sites"),
        key_to("findings", "republication_id", "republications"),
        key_to("findings", "evidence_id", "evidence"),
        key_to("findings", "kept_id", "kept_fronts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("public", name=op.f("uq_findings_public")),
    )
    still = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_findings_open", "findings", ["rule_id", "subject"], unique=True, sqlite_where=still, postgresql_where=still
    )
    op.create_index("ix_findings_subject_code", "findings", ["subject", "code"])
    op.create_index("ix_findings_standing_proposed_at", "findings", ["standing", "proposed_at"])
    op.create_index("ix_findings_proposed_at", "findings", ["proposed_at"])
    op.create_index("ix_findings_company_id_shown_at", "findings", ["company_id", "shown_at"])
    op.create_index(op.f("ix_findings_site_id"), "findings", ["site_id"])
    op.create_index(op.f("ix_findings_republication_id"), "findings", ["republication_id"])
    op.create_table(
        "finding_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("happened", one_of(HAPPENED, "happened"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("form", sa.String(40), nullable=True),
        key_to("finding_steps", "finding_id", "findings"),
        key_to("finding_steps", "undoes_id", "finding_steps"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_steps")),
        sa.UniqueConstraint("form", name=op.f("uq_finding_steps_form")),
    )
    op.create_index(op.f("ix_finding_steps_finding_id"), "finding_steps", ["finding_id"])


def _letters(known: str) -> None:
    with op.batch_alter_table("letters") as batch:
        batch.drop_constraint(op.f("ck_letters_letter_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_letters_letter_kind"), known)


def downgrade() -> None:
    op.execute("DELETE FROM letters WHERE kind = 'finding'")
    _letters(LETTERS_BEFORE)
    for table in ("finding_steps", "findings", "kept_fronts", "inspections", "compliance_sweep", "compliance_rules"):
        op.drop_table(table)


def _shipped(
    code: str, version: int, title: str, begins: dt.date, ends: dt.date | None, checker: str, text: str, basis: str,
    parameters: dict[str, Any], severity: str, fine_from: int | None, fine_to: int | None,
    note: str = "",
) -> dict[str, Any]:
    return {
        "code": code, "version": version, "title": title, "text": text, "basis": basis, "in_force_from": begins,
        "in_force_to": ends, "checker": checker, "parameters": parameters, "severity": severity, "asked": True,
        "fine_from": fine_from, "fine_to": fine_to, "note": note, "added_by": "system", "added_at": None,
    }  # fmt: skip


# As shipped; campaigns/compliance/catalogue.py says where each comes from, and a test holds the two equal.
RULES: list[dict[str, Any]] = [
    _shipped(
        "R1", 1, "Thông tin bắt buộc trên trang chủ", dt.date(2024, 12, 25), dt.date(2026, 6, 30), "imprint",
        (
            "Trang chủ ghi đầy đủ, đúng với sổ cấp phép: tên tổ chức quản lý trang, cơ quan chủ quản (nếu có), địa chỉ"
            " liên lạc, thư điện tử, số điện thoại, người chịu trách nhiệm nội dung, giấy phép còn hiệu lực với số, "
            "ngày cấp và cơ quan cấp."
        ),
        "Nghị định 147/2024/NĐ-CP",
        {"items": ["name", "parent", "address", "phone", "email", "responsible", "licence_number",
        "licence_issuer", "licence_date"]},
        "serious", 5000000, 10000000, "Mức phạt tham khảo: Điều 99 Nghị định 15/2020/NĐ-CP",
    ),
    _shipped(
        "R1", 2, "Thông tin bắt buộc trên trang chủ", dt.date(2026, 7, 1), None, "imprint",
        (
            "Trang chủ ghi đầy đủ, đúng với sổ cấp phép: tên tổ chức quản lý trang, cơ quan chủ quản (nếu có), địa chỉ"
            " liên lạc, thư điện tử, số điện thoại, người chịu trách nhiệm nội dung, giấy phép còn hiệu lực với số, "
            "ngày cấp và cơ quan cấp."
        ),
        "Nghị định 147/2024/NĐ-CP",
        {"items": ["name", "parent", "address", "phone", "email", "responsible", "licence_number",
        "licence_issuer", "licence_date"]},
        "serious", 10000000, 20000000, "Mức phạt tham khảo: Nghị định 174/2026/NĐ-CP",
    ),
    _shipped(
        "R2", 1, "Nêu tên nguồn", dt.date(2024, 12, 25), None, "source_named",
        "Bài đăng lại ghi rõ tên cơ quan đã phát hành bản tin gốc.",
        "Nghị định 147/2024/NĐ-CP",
        {}, "serious", None, None,
    ),
    _shipped(
        "R3", 1, "Đường dẫn tới bản tin gốc", dt.date(2019, 10, 29), None, "source_linked",
        "Cuối bài đăng lại có đường dẫn mở được, tới đúng địa chỉ của bản tin gốc.",
        "Công văn 3835/BTTTT-PTTH&TTĐT ngày 29/10/2019",
        {"at_end": True}, "serious", None, None,
    ),
    _shipped(
        "R4", 1, "Thời gian và tác giả", dt.date(2024, 12, 25), None, "signed",
        "Bài đăng lại ghi thời gian đăng; tên tác giả ghi khi bản tin gốc có ghi.",
        "Nghị định 147/2024/NĐ-CP",
        {"time": True, "author": False}, "minor", None, None,
    ),
    _shipped(
        "R5", 1, "Không đăng trước giờ được phép", dt.date(2019, 10, 29), dt.date(2024, 12, 24), "not_early",
        "Bài đăng lại lên trang không sớm hơn 3 giờ kể từ lúc bản tin gốc được phát hành.",
        "Công văn 3835/BTTTT-PTTH&TTĐT ngày 29/10/2019",
        {"delay_minutes": 180, "agreement_waives": False}, "serious", None, None,
    ),
    _shipped(
        "R5", 2, "Không đăng trước giờ được phép", dt.date(2024, 12, 25), None, "not_early",
        "Bài đăng lại lên trang không sớm hơn 1 giờ kể từ lúc bản tin gốc được phát hành.",
        "Nghị định 147/2024/NĐ-CP",
        {"delay_minutes": 60, "agreement_waives": False}, "serious", None, None,
    ),
    _shipped(
        "R6", 1, "Đăng nguyên văn", dt.date(2024, 12, 25), None, "verbatim",
        "Nội dung đăng lại đúng nguyên văn bản tin gốc, không cắt bớt làm sai lệch.",
        "Nghị định 147/2024/NĐ-CP",
        {"least_share": 0.9}, "serious", None, None, "Mức cụ thể theo cấu hình đơn vị",
    ),
    _shipped(
        "R7", 1, "Đúng phạm vi giấy phép", dt.date(2024, 12, 25), None, "in_scope",
        "Chuyên đề của bản tin nằm trong phạm vi nội dung mà giấy phép cho đăng.",
        "Nghị định 147/2024/NĐ-CP",
        {}, "serious", None, None,
    ),
    _shipped(
        "R8", 1, "Có văn bản chấp thuận", dt.date(2024, 12, 25), None, "agreed",
        "Trang đăng lại bản tin khi có văn bản chấp thuận còn hiệu lực, cho chuyên đề đó.",
        "Nghị định 147/2024/NĐ-CP",
        {}, "grave", None, None, "Mức phạt tham khảo: Điều 20 Nghị định 119/2020/NĐ-CP",
    ),
    _shipped(
        "R9", 1, "Giấy phép còn hiệu lực", dt.date(2024, 12, 25), None, "licensed",
        "Trang có giấy phép còn hiệu lực vào ngày đăng lại bản tin.",
        "Nghị định 147/2024/NĐ-CP",
        {"none_at_all": False}, "grave", None, None,
    ),
    _shipped(
        "R10", 1, "Gỡ bài của bản tin đã thu hồi", dt.date(2024, 12, 25), None, "taken_down",
        "Bản tin bị thu hồi thì bài đăng lại được gỡ trong thời hạn kể từ lúc thu hồi.",
        "Nghị định 147/2024/NĐ-CP",
        {"minutes": 1440}, "grave", None, None, "Mức cụ thể theo cấu hình đơn vị",
    ),
    _shipped(
        "R11", 1, "Đủ nguồn tin", dt.date(2024, 12, 25), None, "sources",
        "Trang tổng hợp dẫn tin từ ít nhất ba nguồn.",
        "Nghị định 147/2024/NĐ-CP",
        {"least": 3}, "minor", None, None,
    ),
    _shipped(
        "R12", 1, "Không có chỗ bình luận", dt.date(2024, 12, 25), None, "no_comments",
        "Trang tổng hợp không mở chỗ cho người đọc bình luận dưới bài.",
        "Nghị định 147/2024/NĐ-CP",
        {}, "serious", None, None,
    ),
    _shipped(
        "R13", 1, "Tên không gây nhầm với báo chí", dt.date(2024, 12, 25), None, "name",
        "Tên trang và tên miền không giống hoặc gây nhầm với cơ quan báo chí.",
        "Nghị định 147/2024/NĐ-CP",
        {"name_begins": ["Báo", "Tạp chí", "Tuần báo", "Nhật báo", "Đài", "Thông tấn xã", "Hãng tin"],
        "host_begins": ["bao", "tapchi", "nhatbao", "tuanbao", "thongtan"], "host_except": ["baohiem", "baogia",
        "baove", "baotang", "baoho"]},
        "minor", None, None,
    ),
]  # fmt: skip
