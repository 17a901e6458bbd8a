"""Reasons for a campaign's progress, in sentences on topics, weeks and partners, each with the rows behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for

from campaigns.planning import shortfalls
from campaigns.planning.campaigns import Metric
from campaigns.planning.holidays import holidays
from campaigns.planning.shortfalls import RECENT_DAYS, PaceShare, SilentPartners, WeekPaceShare
from campaigns.planning.target_progress import TargetProgress, TargetStatus
from campaigns.reporting.activity import partner_silence
from campaigns.republications.silent_partners import SILENT_DAYS
from coordinator.jobs.release.holiday_names import holiday_name
from coordinator.translation import _, counted, language
from coordinator.web.desk.reporting.progress.queries import ProgressOverview, TargetRow
from coordinator.web.kit.text import formats


@dataclass(frozen=True)
class ProgressReason:
    """One sentence, and the address of its rows. ``good``: above its expected share."""

    text: str
    url: str
    good: bool = False


@dataclass(frozen=True)
class Explanation:
    """The reasons behind the headline, and the silent partners. ``behind``: they explain the shortfall, else the
    success.
    """

    behind: bool
    reasons: tuple[ProgressReason, ...]
    silence: SilentPartners


def explain(overview: ProgressOverview) -> Explanation:
    """Return what fell short of its share and, where the target is not behind, what exceeded it."""
    period, today = overview.choice.period, overview.today
    confirmed = {row.key: row.confirmed for row in overview.partners}
    quiet = partner_silence(confirmed, overview.recent, overview.silent, period, today)
    behind = overview.head is not None and overview.head.status is TargetStatus.BEHIND
    short = [
        *_topic_reasons(overview),
        *_week_reasons(overview, good=False),
        *_silent_reasons(overview, quiet),
        *_partner_reasons(overview, confirmed),
    ]
    more = [] if behind else [*_topic_reasons(overview, good=True), *_week_reasons(overview, good=True)]
    return Explanation(behind, (*more, *short), quiet)


def _number_label(value: float, digits: int = 0) -> str:
    return formats.number(value, language(), digits)


def _topic_reasons(overview: ProgressOverview, *, good: bool = False) -> Iterator[ProgressReason]:
    """Return reasons by topic: against its own target; without one, against its earlier results."""
    names = {progress.topic.code: progress.topic.name for progress in overview.topics}
    own = {progress.topic.code: progress.how for progress in overview.topics if progress.how is not None}
    behind, ahead = shortfalls.topic_deviations(PaceShare(code, how.actual, how.expected) for code, how in own.items())
    for share in ahead if good else behind:
        given = {"topic": names[share.key], "count": _number_label(abs(share.gap))}
        if good:
            words = _("%(topic)s vượt %(count)s lượt so với nhịp", **given)
        else:
            words = _("%(topic)s thiếu %(count)s lượt so với nhịp", **given)
        yield ProgressReason(words, overview.choice.rows_url(topic=share.key, status="confirmed"), good)
    if good:
        return
    weeks = [(week.first, {code: float(count) for code, count in week.counts.items()}) for week in overview.weeks]
    before, now, days = shortfalls.topic_rates(weeks, overview.today)
    for share in shortfalls.find_slowed({key: count for key, count in before.items() if key not in own}, now, days):
        if share.key in names:
            yield ProgressReason(
                _slowdown_sentence(names[share.key], share),
                overview.choice.rows_url(topic=share.key, status="confirmed"),
            )


def _slowdown_sentence(name: str, share: PaceShare) -> str:
    return _(
        "%(name)s chậm lại: hai tuần qua mỗi tuần %(now)s lượt, trước đó %(before)s",
        name=name, now=_number_label(share.reached), before=_number_label(share.share),
    )  # fmt: skip


def _week_reasons(overview: ProgressOverview, *, good: bool) -> Iterator[ProgressReason]:
    if overview.head is None:
        return
    totals = [(week.first, float(week.total)) for week in overview.weeks]
    low, high = shortfalls.week_deviations(
        totals, overview.choice.period, overview.today, overview.head.quota, overview.began or overview.today
    )
    for share in high if good else low:
        words = _(
            "Tuần %(first)s–%(last)s được %(reached)s lượt, nhịp cần %(share)s",
            first=formats.day_month(share.first),
            last=formats.day_month(share.last),
            reached=_number_label(share.reached),
            share=_number_label(share.share),
        )
        days = {"from": share.first.isoformat(), "to": share.last.isoformat()}
        yield ProgressReason(
            words + (_holiday_note(share) if not good else ""),
            overview.choice.rows_url(status="confirmed", **days),
            good,
        )


def _holiday_note(week: WeekPaceShare) -> str:
    """Return a note on the holidays in a week, which explain a low figure."""
    names = dict.fromkeys(holiday_name(holiday) for holiday in holidays(week.first, week.last) if holiday.rest)
    return f" ({', '.join(names)})" if names else ""


def _silent_reasons(overview: ProgressOverview, quiet: SilentPartners) -> Iterator[ProgressReason]:
    if quiet.partners and quiet.weekly >= 1:
        words = _(
            "%(count)s đối tác từng đăng lại nay im lặng %(days)s ngày, trước đó mang %(weekly)s lượt mỗi tuần",
            count=_number_label(len(quiet.partners)), days=SILENT_DAYS, weekly=_number_label(quiet.weekly),
        )  # fmt: skip
        yield ProgressReason(words, url_for("progress_quiet.index", **overview.choice.query()))


def _partner_reasons(overview: ProgressOverview, confirmed: Mapping[str, int]) -> Iterator[ProgressReason]:
    names = {row.key: row.name for row in overview.partners}
    before = {code: float(count - overview.recent.get(code, 0)) for code, count in confirmed.items()}
    days = shortfalls.days_before_recent(overview.choice.period, overview.today)
    for share in shortfalls.find_slowed(before, {code: float(count) for code, count in overview.recent.items()}, days):
        last = min(overview.today, overview.choice.period.last)
        since = {"from": (last - timedelta(days=RECENT_DAYS - 1)).isoformat(), "to": last.isoformat()}
        yield ProgressReason(
            _slowdown_sentence(names[share.key], share),
            overview.choice.rows_url(partner=share.key, status="confirmed", **since),
        )


def target_reason(overview: ProgressOverview, line: TargetRow) -> ProgressReason | None:
    """Return why one target of the campaign is behind; None where it is not."""
    how = line.how
    if how.status is not TargetStatus.BEHIND:
        return None
    topic = line.topic.code if line.topic else None
    days: dict[str, Any] = {"from": how.period.first.isoformat(), "to": how.period.last.isoformat()}
    plan = overview.choice.plan.code if overview.choice.plan else None
    rows = url_for("republications.index", campaign=plan, topic=topic, status="confirmed", **days)
    match how.metric:
        case Metric.REPUBLICATIONS:
            return ProgressReason(
                _with_needed_pace(
                    how,
                    counted("Thiếu %(count)s lượt so với nhịp", round(how.missing), count=_number_label(how.missing)),
                ),
                rows,
            )
        case Metric.BULLETINS:
            words = counted("Thiếu %(count)s bản tin so với nhịp", round(how.missing), count=_number_label(how.missing))
            return ProgressReason(_with_needed_pace(how, words), url_for("bulletins.index", campaign=plan, topic=topic))
        case Metric.VIEWS:
            words = _with_needed_pace(
                how,
                counted("Thiếu %(count)s lượt xem so với nhịp", round(how.missing), count=_number_label(how.missing)),
            )
            return ProgressReason(words, url_for("bulletins.index", campaign=plan, topic=topic))
        case Metric.PARTNERS:
            words = counted("Còn thiếu %(count)s đối tác có lượt", round(how.missing), count=_number_label(how.missing))
            period = how.period.label
            url = url_for("progress.lines", by="partner", sort="confirmed", campaign=plan, topic=topic, period=period)
            return ProgressReason(words, url)
        case Metric.ATTRIBUTION_RATE:
            words = _("Thấp hơn mức giao %(points)s điểm phần trăm", points=_number_label(how.missing, 1))
            return ProgressReason(words, rows)
        case Metric.MEDIAN_DELAY:
            words = counted(
                "Một nửa số lượt chậm hơn mức giao %(hours)s giờ", how.missing, hours=_number_label(how.missing, 1)
            )
            return ProgressReason(words, rows)


def actual_url(overview: ProgressOverview, line: TargetRow) -> str | None:
    """Return the address of the list behind what a target has reached: of a rate, its numerator, of a delay, the copies
    it is the median of. None for views, of which there is no list."""
    period, plan = line.how.period, overview.choice.plan
    days: dict[str, Any] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    own: dict[str, Any] = {"campaign": plan.code if plan else None, "topic": line.topic.code if line.topic else None}
    match line.metric:
        case Metric.REPUBLICATIONS:
            return url_for("republications.index", status="confirmed", **own, **days)
        case Metric.BULLETINS:
            return url_for("bulletins.index", issued="1", **own, **days)
        case Metric.PARTNERS:
            return url_for("progress.lines", by="partner", having="confirmed", period=period.label, **own)
        case Metric.ATTRIBUTION_RATE:
            return url_for("republications.index", status="confirmed", attribution="linked_at_end", **own, **days)
        case Metric.MEDIAN_DELAY:
            return url_for("republications.index", status="confirmed", **own, **days)
        case _:
            return None


def _with_needed_pace(how: TargetProgress, words: str) -> str:
    if how.missing < 1:  # at an even pace so far, and not enough to the end
        words = _("Theo dự báo còn thiếu %(count)s khi hết kỳ", count=_number_label(how.quota - how.forecast.value))
    if not how.days_left:
        return words
    return words + _(
        "; từ nay mỗi tuần cần %(count)s", count=_number_label(7 * how.needed_daily, 0 if how.quota > 50 else 1)
    )
