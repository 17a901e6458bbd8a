"""Why a plan stands as it does, in sentences: topics, weeks and partners, each with the rows behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for

from campaigns.planning import shortfalls
from campaigns.planning.campaigns import Metric
from campaigns.planning.holidays import holidays
from campaigns.planning.progress import Standing, TargetProgress
from campaigns.planning.shortfalls import SILENT_DAYS, Share, Silence, WeekShare
from campaigns.reporting.carrying import silence_of
from coordinator.web import formats
from coordinator.web.desk.progress_figures import Overview, TargetLine
from coordinator.web.look import language
from coordinator.web.saying import _


@dataclass(frozen=True)
class Reason:
    """One sentence, and the address of the rows it speaks of. ``good``: it brought more than its share."""

    text: str
    url: str
    good: bool = False


@dataclass(frozen=True)
class Why:
    """The reasons behind the headline, and who fell silent. ``behind``: they say why it is behind, else what carries
    it."""

    behind: bool
    reasons: tuple[Reason, ...]
    silence: Silence


def why(told: Overview) -> Why:
    """What fell short of its share and, where the target is not behind, what brought more."""
    period, today = told.choice.period, told.today
    confirmed = {row.key: row.confirmed for row in told.partners}
    quiet = silence_of(confirmed, told.recent, period, today)
    behind = told.head is not None and told.head.status is Standing.BEHIND
    short = [*_topics(told), *_weeks(told, good=False), *_silent(told, quiet), *_partners(told, confirmed)]
    more = [] if behind else [*_topics(told, good=True), *_weeks(told, good=True)]
    return Why(behind, (*more, *short), quiet)


def _figure(value: float, digits: int = 0) -> str:
    return formats.number(value, language(), digits)


def _topics(told: Overview, *, good: bool = False) -> Iterator[Reason]:
    """Topics against their own targets; those without one against what they brought before."""
    names = {one.topic.code: one.topic.name for one in told.topics}
    own = {one.topic.code: one.how for one in told.topics if one.how is not None}
    behind, ahead = shortfalls.topics_apart(Share(code, how.actual, how.expected) for code, how in own.items())
    for one in ahead if good else behind:
        given = {"topic": names[one.key], "count": _figure(abs(one.gap))}
        if good:
            words = _("%(topic)s vượt %(count)s lượt so với nhịp", **given)
        else:
            words = _("%(topic)s thiếu %(count)s lượt so với nhịp", **given)
        yield Reason(words, told.choice.rows_url(topic=one.key, status="confirmed"), good)
    if good:
        return
    weeks = [(week.first, {code: float(count) for code, count in week.counts.items()}) for week in told.weeks]
    before, now, days = shortfalls.topic_paces(weeks, told.today)
    for one in shortfalls.slowed({key: count for key, count in before.items() if key not in own}, now, days):
        if one.key in names:
            yield Reason(_slower(names[one.key], one), told.choice.rows_url(topic=one.key, status="confirmed"))


def _slower(name: str, one: Share) -> str:
    return _(
        "%(name)s chậm lại: hai tuần qua mỗi tuần %(now)s lượt, trước đó %(before)s",
        name=name, now=_figure(one.reached), before=_figure(one.share),
    )  # fmt: skip


def _weeks(told: Overview, *, good: bool) -> Iterator[Reason]:
    if told.head is None:
        return
    totals = [(week.first, float(week.total)) for week in told.weeks]
    low, high = shortfalls.weeks_apart(totals, told.choice.period, told.today, told.head.quota)
    for one in high if good else low:
        words = _(
            "Tuần %(first)s–%(last)s được %(reached)s lượt, nhịp cần %(share)s",
            first=formats.day_month(one.first), last=formats.day_month(one.last), reached=_figure(one.reached),
            share=_figure(one.share),
        )  # fmt: skip
        days = {"from": one.first.isoformat(), "to": one.last.isoformat()}
        yield Reason(words + (_feast(one) if not good else ""), told.choice.rows_url(status="confirmed", **days), good)


def _feast(week: WeekShare) -> str:
    """The holidays in a week, which say more than its figure does."""
    names = dict.fromkeys(one.name(language()) for one in holidays(week.first, week.last) if one.rest)
    return f" ({', '.join(names)})" if names else ""


def _silent(told: Overview, quiet: Silence) -> Iterator[Reason]:
    if quiet.partners and quiet.weekly >= 1:
        words = _(
            "%(count)s đối tác im lặng từ %(days)s ngày nay, trước đó mang %(weekly)s lượt mỗi tuần",
            count=_figure(len(quiet.partners)), days=SILENT_DAYS, weekly=_figure(quiet.weekly),
        )  # fmt: skip
        yield Reason(words, url_for("progress_quiet.index", **told.choice.query()))


def _partners(told: Overview, confirmed: Mapping[str, int]) -> Iterator[Reason]:
    names = {row.key: row.name for row in told.partners}
    before = {code: float(count - told.recent.get(code, 0)) for code, count in confirmed.items()}
    days = shortfalls.days_before_silence(told.choice.period, told.today)
    for one in shortfalls.slowed(before, {code: float(count) for code, count in told.recent.items()}, days):
        last = min(told.today, told.choice.period.last)
        since = {"from": (last - timedelta(days=SILENT_DAYS - 1)).isoformat(), "to": last.isoformat()}
        yield Reason(_slower(names[one.key], one), told.choice.rows_url(partner=one.key, status="confirmed", **since))


def reason_of(told: Overview, line: TargetLine) -> Reason | None:
    """Why one target of the plan is behind; None where it is not."""
    how = line.how
    if how.status is not Standing.BEHIND:
        return None
    topic = line.topic.code if line.topic else None
    days: dict[str, Any] = {"from": how.period.first.isoformat(), "to": how.period.last.isoformat()}
    plan = told.choice.plan.code if told.choice.plan else None
    rows = url_for("republications.index", campaign=plan, topic=topic, status="confirmed", **days)
    match how.metric:
        case Metric.REPUBLICATIONS:
            return Reason(_pace(how, _("Thiếu %(count)s lượt so với nhịp", count=_figure(how.missing))), rows)
        case Metric.BULLETINS:
            words = _("Thiếu %(count)s bản tin so với nhịp", count=_figure(how.missing))
            return Reason(_pace(how, words), url_for("bulletins.index", campaign=plan, topic=topic))
        case Metric.VIEWS:
            words = _pace(how, _("Thiếu %(count)s lượt xem so với nhịp", count=_figure(how.missing)))
            return Reason(words, url_for("bulletins.index", campaign=plan, topic=topic))
        case Metric.PARTNERS:
            words = _("Còn thiếu %(count)s đối tác có lượt", count=_figure(how.missing))
            period = how.period.label
            url = url_for("progress.lines", by="partner", sort="confirmed", campaign=plan, topic=topic, period=period)
            return Reason(words, url)
        case Metric.ATTRIBUTION_RATE:
            words = _("Thấp hơn mức giao %(points)s điểm phần trăm", points=_figure(how.missing, 1))
            return Reason(words, rows)
        case Metric.MEDIAN_DELAY:
            words = _("Một nửa số lượt chậm hơn mức giao %(hours)s giờ", hours=_figure(how.missing, 1))
            return Reason(words, rows)


def _pace(how: TargetProgress, words: str) -> str:
    if not how.days_left:
        return words
    return words + _("; từ nay mỗi tuần cần %(count)s", count=_figure(7 * how.needed_daily, 0 if how.quota > 50 else 1))
