"""Recognition as a paper: the rule in words, both lists, and who has too few copies."""

from collections.abc import Sequence

from campaigns.reporting.ranking import Merit, Placed, Recognition
from campaigns.reporting.score import LEAST_COPIES
from coordinator.exports.charts import NARROW, WIDE, HorizontalBars, NamedCount, horizontal_bars
from coordinator.exports.paper import Drawing, Figure, Linked, Paper, Part, columns, linked
from coordinator.exports.tables import Table, Value
from coordinator.papers.voice import Voice

MOST_BARS = 15  # partners that are drawn; the tables list all


def ranking_paper(told: Recognition, voice: Voice) -> Paper:
    """The paper of one period; its main table is the list by number."""
    _ = voice.say
    by_number = _table(told, voice, told.by_number, _("Theo số bài đúng quy định"))
    by_share = _table(told, voice, told.by_share, _("Theo tỷ lệ bài đúng quy định"))
    figures = (
        Figure(_("Đối tác được xếp"), len(told.by_number)),
        Figure(_("Đối tác chưa đủ bài"), len(told.few)),
        Figure(
            _("Bài đúng quy định của các đối tác được xếp"), sum(one.merit.proper for one in told.by_number),
            href=voice.copies(told.period, status="confirmed", attribution="linked_at_end"),
        ),
    )  # fmt: skip
    nobody = () if told.by_number else (_("Chưa đối tác nào đủ bài để xếp trong kỳ này."),)
    drawings = (_drawing(told, voice, by_number.table),) if told.by_number else ()
    parts = (
        Part(_("Cách xếp"), _rule(voice), figures),
        Part(_("Nhiều bài đúng quy định nhất"), nobody, drawings=drawings, tables=(by_number,)),
        Part(_("Đúng quy định đều nhất"), nobody, tables=(by_share,)),
        _few(told, voice),
    )
    return voice.paper(_("Ghi nhận đối tác"), told.period, parts)


def _rule(voice: Voice) -> tuple[str, ...]:
    _ = voice.say
    return (
        _("Bài đúng quy định là bài đã xác nhận, đủ toàn văn, có đường dẫn tới bản tin ở cuối bài. Lượt xem không được "
          "tính vào đây."),
        _("Chỉ xếp đối tác có từ %(count)s bài đã xác nhận trong kỳ; ít hơn thì tỷ lệ chỉ là may rủi.",
          count=LEAST_COPIES),
        _("Có hai bảng vì một con số sẽ bất công: bảng theo số bài lợi cho nơi nhiều trang, bảng theo tỷ lệ lợi cho "
          "nơi làm cẩn thận. Tỷ lệ được xếp theo cận dưới của khoảng tin cậy 95 phần trăm (Wilson), nên 9 trên 10 "
          "không đứng trên 95 trên 100."),
        _("Bằng số thì đồng hạng, và hạng sau bỏ trống bấy nhiêu."),
    )  # fmt: skip


def _given(voice: Voice) -> tuple[tuple[str, str] | tuple[str, str, str], ...]:
    _ = voice.say
    return (
        ("place", _("Hạng"), "number"), ("name", _("Đối tác")), ("proper", _("Đúng quy định"), "number"),
        ("confirmed", _("Đã xác nhận"), "number"), ("share", _("Tỷ lệ"), "percent"),
        ("bound", _("Cận dưới"), "percent"),
    )  # fmt: skip


def _table(told: Recognition, voice: Voice, these: Sequence[Placed], title: str) -> Linked:
    rows = [
        (
            (one.place, one.merit.name, one.merit.proper, one.merit.confirmed, one.merit.share, one.merit.bound),
            _hrefs(told, voice, one.merit),
        )
        for one in these
    ]
    return linked(title, columns(*_given(voice)), rows)  # type: ignore[arg-type]  # kinds as words


def _hrefs(told: Recognition, voice: Voice, one: Merit) -> dict[str, str]:
    return {
        "name": f"/desk/partners/{one.code}",
        "confirmed": voice.copies(told.period, partner=one.code, status="confirmed"),
        "proper": voice.copies(told.period, partner=one.code, status="confirmed", attribution="linked_at_end"),
    }


def _few(told: Recognition, voice: Voice) -> Part:
    _ = voice.say
    rows: list[tuple[tuple[Value, ...], dict[str, str]]] = [
        ((one.name, one.proper, one.confirmed), _hrefs(told, voice, one)) for one in told.few
    ]
    given = columns(
        ("name", _("Đối tác")), ("proper", _("Đúng quy định"), "number"), ("confirmed", _("Đã xác nhận"), "number")
    )
    tables = (linked(_("Chưa đủ bài"), given, rows),) if rows else ()
    return Part(_("Chưa đủ bài để xếp"), () if rows else (_("Không có đối tác nào."),), tables=tables)


def _drawing(told: Recognition, voice: Voice, table: Table) -> Drawing:
    _ = voice.say
    figure = HorizontalBars(
        key="ranking",
        title=_("Số bài đúng quy định"),
        description=_("Tối đa %(count)s đối tác đứng đầu; bảng bên dưới có đủ.", count=MOST_BARS),
        rows=[NamedCount(one.merit.name, one.merit.proper, one.place == 1) for one in told.by_number[:MOST_BARS]],
    )
    return Drawing(
        figure.title, horizontal_bars(figure, WIDE, voice.locale), horizontal_bars(figure, NARROW, voice.locale),
        horizontal_bars(figure, WIDE, voice.locale), Table(figure.title, table.columns, table.rows),
    )  # fmt: skip
