"""The first day: seven steps from a plan to the first counted copy, each done or not by the state of the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Approval, Bulletin, BulletinState, Revision
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.journal import JournalEntry
from campaigns.discovery.site_sources import Source
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site
from campaigns.people.office import Office
from campaigns.people.staff import Actor, Permission, Person, Role
from campaigns.planning.campaigns import Campaign, Metric, Topic
from campaigns.republications.republications import NO_DAY, BrowserLook, Republication, RepublicationStatus
from campaigns.republications.sample_partner import sample_copy, sample_site
from coordinator.translation import _, counted, language
from coordinator.web.auth.security import app_context
from coordinator.web.desk.discovery.sources import trouble_message
from coordinator.web.kit.links import page_url
from coordinator.web.kit.text import formats

# Minutes that a step takes a person who does it for the first time.
TAKES = {"plan": 3, "topics": 1, "bulletin": 3, "second": 2, "channel": 1, "partner": 1, "copy": 2}
LONGEST_STEP = timedelta(hours=1)  # somebody who took longer was away
WRITTEN = (
    BulletinState.SUBMITTED, BulletinState.APPROVED, BulletinState.SCHEDULED, BulletinState.PUBLISHED,
    BulletinState.RECALLED,
)  # fmt: skip
APPROVED = WRITTEN[1:]


@dataclass(frozen=True)
class StepLink:
    """A button or link of a step. ``post``: it is a form's button."""

    text: str
    url: str
    post: bool = False
    icon: str = ""


@dataclass(frozen=True)
class FirstDayStep:
    """One step. ``state``: ``done``, ``here``, ``auto`` (the program does it) or empty for a later one.

    ``said``: what was done, or what it is for; ``points``: its consequences, icon and text; ``long``: its minutes, in
    words; ``sample``: whether the sample partner stands for it.
    """

    key: str
    state: str
    title: str
    said: str
    long: str
    link: StepLink | None = None
    main: StepLink | None = None
    other: StepLink | None = None
    points: tuple[tuple[str, str], ...] = ()
    sample: bool = False


@dataclass(frozen=True)
class FirstDay:
    """All steps. ``used``, ``left``: minutes, None where nobody can tell. ``copy``: the first counted copy; ``sample``:
    it is the sample partner's."""

    steps: tuple[FirstDayStep, ...]
    used: int | None
    left: int
    copy: Republication | None
    sample: bool

    @property
    def done(self) -> int:
        """The number of finished steps."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def finished(self) -> bool:
        """Whether all are."""
        return self.done == len(self.steps)

    @property
    def here(self) -> int | None:
        """The number of the step to do now, from 1; None when none is left to a person."""
        return next((number for number, step in enumerate(self.steps, 1) if step.state == "here"), None)


@dataclass(frozen=True)
class _Facts:
    """What the steps are derived from. ``out``: the first release, which may be ahead; ``approved_by``: the name of who
    approved the bulletin; ``source``: of a real partner's site, the one that was looked at last; ``copy``: a counted
    copy, else one that was seen."""

    campaign: Campaign | None
    topics: Sequence[str]
    bulletin: Bulletin | None
    title: str
    out: datetime | None
    approved_by: str
    approvers: Sequence[Person]
    channel: Channel | None
    partner: Company | None
    source: Source | None
    sample: Site | None
    copy: Republication | None


def guide_hidden(session: Session) -> bool:
    """Whether an administrator has put the first day away."""
    hidden = sa.select(Office.guide_hidden_at).where(Office.id == 1)
    return session.execute(hidden).scalar_one_or_none() is not None


def has_bulletin(session: Session) -> bool:
    """Whether any bulletin was ever written."""
    return session.execute(sa.select(Bulletin.id).limit(1)).first() is not None


def has_counted_copy(session: Session) -> bool:
    """Whether any copy was confirmed, with which the first day has ended."""
    found = _first_copy(session)
    return found is not None and found.status is RepublicationStatus.CONFIRMED


def _first_copy(session: Session) -> Republication | None:
    """The first confirmed copy, a real one before one of the sample partner; without one, a copy that was seen and is
    not judged yet, or that waits for a person."""
    real = sa.select(Republication).where(
        Republication.status == RepublicationStatus.CONFIRMED, Republication.counted_on > NO_DAY
    )
    # In the order of an index: among a million copies the first is found at once.
    first = real.order_by(Republication.counted_on, Republication.id).limit(1)
    if (found := session.execute(first).scalar_one_or_none()) is not None:
        return found
    sample = sample_copy(session)
    if sample is not None and sample.status is RepublicationStatus.CONFIRMED:
        return sample
    unsettled = (RepublicationStatus.CANDIDATE, RepublicationStatus.REVIEW)
    seen = (
        sa.select(Republication)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.status.in_(unsettled), Site.sample.is_(False))
        .order_by(Republication.id)
        .limit(1)
    )
    return session.execute(seen).scalar_one_or_none() or sample


def _facts(session: Session) -> _Facts:
    def first(query: sa.Select[Any]) -> Any:
        return session.execute(query.limit(1)).scalar_one_or_none()

    own = Bulletin.reported_on.is_(None)
    furthest = sa.case((Bulletin.state.in_(APPROVED), 0), (Bulletin.state.in_(WRITTEN), 1), else_=2)
    bulletin = first(sa.select(Bulletin).where(own).order_by(furthest, Bulletin.id))
    title = ""
    if bulletin is not None:
        title = first(
            sa.select(Revision.title).where(Revision.bulletin_id == bulletin.id, Revision.number == bulletin.latest)
        )
    active = sa.select(Person).where(Person.active, Person.role == Role.APPROVER).order_by(Person.id)
    ours = sa.or_(Company.id.is_(None), Company.sample.is_(False))
    good = JournalEntry.details.contains('"good":true')
    tried = sa.exists().where(
        JournalEntry.subject_kind == "channel", JournalEntry.subject == Channel.code,
        JournalEntry.act == "channel.tried", good,
    )  # fmt: skip
    channels = (
        sa.select(Channel)
        .outerjoin(Company, Company.id == Channel.company_id)
        .where(ours, Channel.state != ChannelState.RETIRED)
    )
    modes = app_context().job_context.delivery_modes
    # Nothing can be tried of what receivers fetch and people post.
    works = sa.or_(Channel.last_success_at.is_not(None), Channel.kind.in_(modes.pulled | modes.manual), tried)
    partner = sa.select(Company).where(COMPANY_IN_USE, sa.exists().where(Site.company_id == Company.id))
    approval = sa.select(Approval.approver_name).order_by(Approval.id.desc())
    looked = (
        sa.select(Source)
        .join(Site, Site.id == Source.site_id)
        .where(Site.sample.is_(False), Site.active)
        .order_by(Source.looked_at.is_(None), Source.looked_at.desc(), Source.id)
    )
    return _Facts(
        campaign=first(sa.select(Campaign).order_by(Campaign.id)),
        topics=session.execute(sa.select(Topic.name).where(Topic.retired_at.is_(None)).order_by(Topic.id))
        .scalars()
        .all(),
        bulletin=bulletin,
        title=title,
        out=first(sa.select(Bulletin.release_at).where(own, Bulletin.released.is_not(None)).order_by(Bulletin.id)),
        approved_by=first(approval.where(Approval.bulletin_id == bulletin.id)) or "" if bulletin is not None else "",
        approvers=session.execute(active).scalars().all(),
        channel=first(channels.where(works).order_by(Channel.id)),
        partner=first(partner.order_by(Company.id)),
        source=first(looked),
        sample=sample_site(session),
        copy=_first_copy(session),
    )


def first_day(session: Session, actor: Actor, *, now: datetime) -> FirstDay:
    """Return the seven steps as this reader may do them."""
    facts = _facts(session)
    copy = facts.copy
    counted = copy is not None and copy.status is RepublicationStatus.CONFIRMED
    done = _done_times(facts, counted, now)
    began = session.execute(sa.select(sa.func.min(Person.created_at))).scalar_one_or_none()
    steps = [
        _plan(facts, actor),
        _topics(facts, actor),
        _bulletin(facts, actor),
        _second(facts, actor, now),
        _channel(facts, actor),
        _partner(facts, actor),
        _copy(session, facts, counted, actor, now),
    ]
    here = next((step.key for step in steps if step.key not in done and step.key != "copy"), None)
    times = {key: at for key, at in done.items() if at is not None}
    minutes = _minutes(began, times)
    # When a real partner republishes, nobody can tell.
    foreseeable = facts.partner is None or facts.sample is not None
    shown = [_placed(step, done, here, minutes.get(step.key), foreseeable=foreseeable) for step in steps]
    last = max(times.values(), default=None)
    used = None
    if began is not None and last is not None and last - began <= 3 * LONGEST_STEP:
        used = max(int((last - began) / timedelta(minutes=1)), 1)
    left = sum(TAKES[step.key] for step in shown if step.state != "done" and step.long)
    sample = counted and copy is not None and copy.site.sample
    return FirstDay(tuple(shown), used, left, copy if counted else None, sample)


def _done_times(facts: _Facts, counted: bool, now: datetime) -> dict[str, datetime | None]:
    """The finished steps, and when each was finished; None where nobody can tell: topics are there from the start."""
    done: dict[str, datetime | None] = {}
    bulletin = facts.bulletin
    if facts.campaign is not None:
        done["plan"] = facts.campaign.created_at
    if facts.topics:
        done["topics"] = None
    if bulletin is not None and bulletin.state in WRITTEN:
        done["bulletin"] = bulletin.submitted_at or bulletin.created_at
    if bulletin is not None and bulletin.state in APPROVED:
        done["second"] = min(bulletin.changed_at or bulletin.edited_at, now)
    for key, own in (("channel", facts.channel), ("partner", facts.partner)):
        if own is not None:
            done[key] = own.created_at
        elif facts.sample is not None:
            done[key] = facts.sample.created_at
    if counted and facts.copy is not None:
        done["copy"] = facts.copy.confirmed_at
    return done


def _minutes(began: datetime | None, done_at: Mapping[str, datetime]) -> dict[str, int]:
    """The minutes of each step, from the end of the one before; of one that took longer than a person sits, none."""
    found: dict[str, int] = {}
    before = began
    for key, at in sorted(done_at.items(), key=lambda pair: pair[1]):
        if before is not None and timedelta() < at - before <= LONGEST_STEP:
            found[key] = max(round((at - before) / timedelta(minutes=1)), 1)
        before = max(at, before) if before is not None else at
    return found


def _placed(
    step: FirstDayStep, done: Collection[str], here: str | None, minutes: int | None, *, foreseeable: bool
) -> FirstDayStep:
    """The step with its state, and only the buttons that belong to it. ``foreseeable``: how long the copy takes."""
    takes = TAKES[step.key]
    if step.key in done:
        long = _("Xong, %(count)s phút", count=minutes) if minutes is not None else _("Xong")
        return FirstDayStep(step.key, "done", step.title, step.said, long, link=step.link, sample=step.sample)
    if step.key == "copy":
        long = _("khoảng %(count)s phút", count=takes) if foreseeable else ""
        return FirstDayStep(step.key, "auto", step.title, step.said, long, link=step.link, sample=step.sample)
    long = _("%(count)s phút", count=takes)
    if step.key == here:
        return FirstDayStep(
            step.key, "here", step.title, step.said, long, main=step.main, other=step.other, points=step.points
        )
    early = step.link or step.main
    link = early if early is not None and not early.post else None
    return FirstDayStep(step.key, "", step.title, step.said, long, link=link)


def _link(text: str, endpoint: str, *, allowed: bool = True, icon: str = "", **values: object) -> StepLink | None:
    url = page_url(endpoint, **values) if allowed else None
    return StepLink(text, url, icon=icon) if url is not None else None


def _plan(facts: _Facts, actor: Actor) -> FirstDayStep:
    title, plans = _("Lập kế hoạch và chỉ tiêu"), actor.may(Permission.PLAN)
    if facts.campaign is None:
        said = _("Số kế hoạch, thời gian, chuyên đề và số lượt phải đạt; tiến độ tính theo đó.")
        main = _link(_("Lập kế hoạch"), "admin.campaigns.new", allowed=plans, icon="flag")
        return FirstDayStep("plan", "", title, said, "", main=main)
    campaign = facts.campaign
    quota = next((target.quota for target in campaign.targets if target.metric is Metric.REPUBLICATIONS), None)
    parts = [campaign.plan_number, f"{formats.day(campaign.starts_on)}–{formats.day(campaign.ends_on)}"]
    if quota is not None:
        parts.append(counted("%(count)s lượt lan tỏa", int(quota), count=formats.number(quota, language())))
    link = _link(_("Xem kế hoạch"), "progress.index")
    return FirstDayStep("plan", "", title, f"{', '.join(parts)}.", "", link=link)


def _topics(facts: _Facts, actor: Actor) -> FirstDayStep:
    said = f"{' · '.join(facts.topics[:5])}." if facts.topics else _("Mỗi bản tin thuộc một chuyên đề.")
    link = _link(_("Sửa"), "admin.topics.index", allowed=actor.may(Permission.PLAN))
    main = _link(_("Thêm chuyên đề"), "admin.topics.index", allowed=actor.may(Permission.PLAN), icon="list")
    return FirstDayStep("topics", "", _("Chọn chuyên đề"), said, "", link=link, main=main)


def _bulletin(facts: _Facts, actor: Actor) -> FirstDayStep:
    title, bulletin, writes = _("Soạn bản tin đầu tiên"), facts.bulletin, actor.may(Permission.WRITE)
    if bulletin is None:
        said = _(
            "Viết hoặc dán một bản tin, từ một trăm chữ trở lên để máy nhận ra bài đăng lại, "
            "rồi bấm “Lưu và gửi duyệt”."
        )
        main = _link(_("Soạn bản tin"), "bulletins.new", allowed=writes, icon="pen")
        return FirstDayStep("bulletin", "", title, said, "", main=main)
    named = f"{bulletin.code}, “{facts.title}”."
    if bulletin.state is BulletinState.DRAFT:
        said = _("%(bulletin)s Còn là bản nháp: mở ra rồi bấm “Lưu và gửi duyệt”.", bulletin=named)
        main = _link(_("Mở bản nháp"), "bulletins.edit", allowed=writes, icon="pen", code=bulletin.code)
        return FirstDayStep("bulletin", "", title, said, "", main=main)
    return FirstDayStep(
        "bulletin", "", title, named, "", link=_link(_("Xem bản tin"), "bulletins.show", code=bulletin.code)
    )


def _second(facts: _Facts, actor: Actor, now: datetime) -> FirstDayStep:
    """The second person: invited, come in, confirmed, and the bulletin approved."""
    title, configures = _("Mời người thứ hai để duyệt"), actor.may(Permission.CONFIGURE)
    bulletin = facts.bulletin
    invite = _link(_("Thêm người"), "admin.people.new", allowed=configures)
    if bulletin is not None and bulletin.state in APPROVED:
        who = facts.approved_by
        said = _("%(who)s đã duyệt bản tin trên.", who=who) if who else _("Bản tin trên đã được duyệt.")
        if bulletin.state is BulletinState.SCHEDULED and bulletin.release_at is not None and bulletin.release_at > now:
            at = formats.short_moment(bulletin.release_at, now, language())
            said = " ".join((said, _("Hẹn phát lúc %(at)s.", at=at)))
        return FirstDayStep("second", "", title, said, "", link=invite)
    why = _("Không ai tự duyệt bài mình viết, nên cần một người khác duyệt.")
    alone = _("Hôm nay chỉ có một mình thì mở đường dẫn mời trong một cửa sổ ẩn danh, đặt mật khẩu và duyệt ở đó.")
    if not facts.approvers:
        points = (
            ("mail", _("Trang sau cho một đường dẫn mời, dùng được một lần")),
            ("people", alone),
        )
        main = _link(
            _("Mời người duyệt"), "admin.people.new", allowed=configures, icon="people", role=Role.APPROVER.value
        )
        said = why if configures else " ".join((why, _("Người quản trị mời.")))
        return FirstDayStep("second", "", title, said, "", main=main, points=points)
    person = facts.approvers[0]
    page = _link(
        _("Mở trang của %(who)s", who=person.name), "admin.people.page", allowed=configures, email=person.email
    )
    if person.password is None:
        said = _("%(who)s đã được mời và chưa vào. Gửi đường dẫn mời; mất thì tạo lại ở trang của người đó.",
                 who=person.name)  # fmt: skip
        return FirstDayStep("second", "", title, said, "", main=page, points=(("people", alone),))
    if not person.actor.confirmed:
        said = _("%(who)s đã vào và còn phải xác nhận vai trò: ở trang Hôm nay của người đó, bấm “Xác nhận”.",
                 who=person.name)  # fmt: skip
    else:
        said = _("%(who)s đã vào. Bản tin chờ người đó đọc và duyệt ở trang Hôm nay của mình.", who=person.name)
    main = None
    if bulletin is not None and bulletin.state is BulletinState.SUBMITTED and actor.may(Permission.APPROVE):
        main = _link(_("Đọc và duyệt"), "bulletins.approve", icon="eye", code=bulletin.code)
    elif actor.id == person.email and not person.actor.confirmed:
        main = _link(_("Xác nhận vai trò"), "confirmations.index", icon="shield")
    return FirstDayStep("second", "", title, said, "", main=main, other=page if main is None else None)


def _sample_button(text: str, actor: Actor) -> StepLink | None:
    url = page_url("first_day.add_sample") if actor.may(Permission.CONFIGURE) else None
    return StepLink(text, url, post=True, icon="flask") if url is not None else None


def _channel(facts: _Facts, actor: Actor) -> FirstDayStep:
    title, configures = _("Nối tài khoản chính thức"), actor.may(Permission.CONFIGURE)
    real = _link(_("Nối tài khoản thật"), "channels.forms.choose", allowed=configures)
    if facts.channel is not None:
        link = _link(_("Xem kênh"), "channels.page", code=facts.channel.code)
        return FirstDayStep("channel", "", title, f"{facts.channel.name}.", "", link=link)
    if facts.sample is not None:
        said = _("Đang dùng tài khoản mẫu; nối Zalo thật mất khoảng 15 phút.")
        link = _link(_("Nối Zalo"), "channels.zalo_setup.addresses", allowed=configures)
        return FirstDayStep("channel", "", title, said, "", link=link, sample=True)
    said = _("Nơi bản tin tự tới: Zalo, Facebook, nguồn tin của đối tác. Hôm nay chưa có thì dùng tài khoản mẫu.")
    points = (
        ("flask", _("Thêm một tài khoản mẫu và một đối tác mẫu, chỗ nào cũng ghi “Mẫu”")),
        ("undo", _("Không cộng vào chỉ tiêu và báo cáo; gỡ sạch bằng một nút")),
    )
    main = _sample_button(_("Dùng thử với tài khoản mẫu"), actor)
    if main is None:
        said = " ".join((said, _("Người quản trị làm.")))
    return FirstDayStep("channel", "", title, said, "", link=real, main=main, other=real, points=points)


def _partner(facts: _Facts, actor: Actor) -> FirstDayStep:
    title, configures = _("Thêm đối tác đầu tiên"), actor.may(Permission.CONFIGURE)
    if facts.partner is not None:
        link = _link(_("Xem đối tác"), "partners.page", code=facts.partner.code)
        return FirstDayStep("partner", "", title, f"{facts.partner.name}.", "", link=link)
    if facts.sample is not None:
        said = _("%(site)s, của %(company)s.", site=facts.sample.name, company=facts.sample.company.name)
        link = _link(_("Xem đối tác"), "partners.page", code=facts.sample.company.code)
        return FirstDayStep("partner", "", title, said, "", link=link, sample=True)
    said = _(
        "Đối tác là đơn vị có giấy phép, đăng lại bản tin của Sở. Hôm nay chưa có đối tác nào thì dùng đối tác mẫu: "
        "một trang tin chạy sẵn trong hệ thống, tự nhận bản tin rồi đăng lại."
    )
    sends = _("Bản tin phát hành tới trang mẫu ngay")
    if facts.bulletin is not None:
        sends = _("Gửi bản tin %(code)s tới trang mẫu ngay khi phát hành", code=facts.bulletin.code)
    points = (
        ("flask", _("Thêm một công ty và một trang, chỗ nào cũng ghi “Mẫu”")),
        ("send", sends),
        ("undo", _("Không cộng vào chỉ tiêu và báo cáo; gỡ sạch bằng một nút")),
    )
    real = _link(_("Thêm đối tác thật"), "partners.new", allowed=configures)
    main = _sample_button(_("Dùng thử với đối tác mẫu"), actor)
    if main is None:
        said = " ".join((said, _("Người quản trị làm.")))
    return FirstDayStep("partner", "", title, said, "", link=real, main=main, other=real, points=points)


def _look_sentence(copy: Republication) -> str:
    """Whether a reader's browser has seen the first copy; one of a sample site is not looked at."""
    match copy.browser_look:
        case BrowserLook.SEEN | BrowserLook.PARTLY_SEEN:
            return _("Trình duyệt cũng thấy bài như người đọc thấy.")
        case BrowserLook.NEEDED | BrowserLook.FAILED:
            return _("Chưa xem bằng trình duyệt như người đọc thấy; người quản trị bật Chromium thì hệ thống tự xem.")
        case _:
            return ""


def _copy(session: Session, facts: _Facts, counted: bool, actor: Actor, now: datetime) -> FirstDayStep:
    """The last step, which the program does: what it waits for, in words."""
    copy, out = facts.copy, facts.out
    sample = facts.sample is not None if copy is None else copy.site.sample

    def step(said: str, link: StepLink | None = None) -> FirstDayStep:
        return FirstDayStep("copy", "", _("Thấy lượt lan tỏa đầu tiên"), said, "", link=link, sample=sample)

    def clock(moment: datetime) -> str:
        return formats.short_moment(moment, now, language())

    if copy is not None and counted:
        said = _("%(site)s đăng lại lúc %(at)s; hệ thống thấy lúc %(seen)s và xác nhận lúc %(confirmed)s.",
                 site=copy.site.name, at=clock(copy.appeared_at), seen=clock(copy.first_seen_at),
                 confirmed=clock(copy.confirmed_at or copy.first_seen_at))  # fmt: skip
        return step(f"{said} {_look_sentence(copy)}".strip())
    if copy is not None:
        link = _link(_("Xem bài"), "republications.show", ident=copy.public)
        if copy.status is RepublicationStatus.REVIEW:
            reviews = actor.may(Permission.REVIEW)
            return step(
                _("Đã thấy bài trên %(site)s; bài chờ người xem xét rồi mới tính.", site=copy.site.name),
                _link(_("Xem xét"), "republications.show", ident=copy.public) if reviews else link,
            )
        return step(_("Đã thấy bài trên %(site)s; hệ thống đang tải về và so từng câu.", site=copy.site.name), link)
    if out is None:
        return step(
            _("Không phải làm gì: hệ thống tự tìm bài trên trang đối tác, tải về, so từng câu rồi đếm. "
              "Kết quả hiện ngay tại đây.")
        )  # fmt: skip
    if out > now:
        return step(_("Bản tin hẹn phát lúc %(at)s; sau đó hệ thống tự tìm bài đăng lại.", at=clock(out)))
    return step(*(_sample_look(session, facts.sample, out, now) if facts.sample else _real_look(facts, now)))


def _sample_look(session: Session, site: Site, out: datetime, now: datetime) -> tuple[str]:
    """What the program waits for at the sample partner's site."""
    source = session.execute(sa.select(Source).where(Source.site_id == site.id).limit(1)).scalar_one_or_none()
    republished = max(out, site.created_at) + app_context().job_context.intervals.republish
    at = formats.time_of_day(republished)
    if source is not None and source.error and republished <= now:
        return (
            _("Hệ thống chưa mở được trang mẫu ở %(url)s: %(error)s. Nhờ người vận hành xem LANTOA_BASE_URL.",
              url=site.url, error=source.error),
        )  # fmt: skip
    if republished > now:
        return (
            _("%(site)s đăng lại lúc %(at)s; hệ thống tự thấy trong vòng một phút sau đó. Trang này tự cập nhật.",
              site=site.name, at=at),
        )  # fmt: skip
    return (
        _("%(site)s đã đăng lại lúc %(at)s; hệ thống đang tìm. Trang này tự cập nhật.", site=site.name, at=at),
    )  # fmt: skip


def _real_look(facts: _Facts, now: datetime) -> tuple[str, StepLink | None]:
    """What the program waits for at a real partner's site, and where its sources are entered."""
    source, partner = facts.source, facts.partner
    link = _link(_("Xem đối tác"), "partners.page", code=partner.code) if partner is not None else None
    if partner is None:
        return _("Bản tin đã phát hành. Khi một đối tác đăng lại, hệ thống tự thấy và hiện ở đây."), link
    if source is None:
        return _("Chưa khai nguồn tin nào của trang đối tác, nên chỉ thấy bài khi đối tác báo."), link
    site = source.site.name
    if source.error:
        what, helps = trouble_message(source.trouble)
        return _("Không đọc được nguồn tin của %(site)s: %(what)s. %(helps)s", site=site, what=what, helps=helps), link
    if source.looked_at is None:
        return _("Hệ thống sắp xem %(site)s lần đầu. Trang này tự cập nhật.", site=site), link
    at = formats.short_moment(source.looked_at, now, language())
    return _("Xem %(site)s lần gần nhất lúc %(at)s, chưa thấy bài đăng lại. Trang này tự cập nhật.",
             site=site, at=at), link  # fmt: skip
