"""Claim: somebody says that a page carries a bulletin. Noted now, believed when the page was read."""

import datetime as dt

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import site_of
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.republications import Level, Republication, claim_copy
from campaigns.tracking.sightings import How, see

# A partner's clock may run a little ahead of ours; a copy of tomorrow is a mistake.
AHEAD = dt.timedelta(hours=1)


def claim(
    session: Session,
    actor: str,
    code: str,
    url: str,
    published_at: dt.datetime | None = None,
    *,
    company_id: int | None = None,
    how: How = How.REPORTED,
    now: dt.datetime,
) -> Republication:
    """Note that ``url`` is said to carry a bulletin that everybody may see, and have the page fetched.

    ``company_id``: of the partner that says so, which may speak of its own sites alone; None for staff. ``how``:
    reported by a person or announced by a machine. Raises ``Invalid`` naming every bad field.
    """
    errors = []
    found = session.execute(release.released(release.PUBLIC, now=now).where(Bulletin.code == code)).one_or_none()
    if found is None:
        errors.append(FieldError("bulletin", "unknown_bulletin", f"there is no released bulletin {code!r}"))
    site = site_of(session, url)
    if company_id is not None and (site is None or site.company_id != company_id):
        # A stranger's site and one of another partner are told apart by nobody but us.
        errors.append(FieldError("url", "not_your_site", f"{url!r} does not lie on one of your sites"))
    elif site is None:
        errors.append(FieldError("url", "unknown_site", f"{url!r} lies on no registered site"))
    if published_at is not None and published_at > now + AHEAD:
        errors.append(FieldError("published_at", "future", f"{published_at.isoformat()} is in the future"))
    if errors or found is None or site is None:
        raise Invalid(errors)
    bulletin: Bulletin = found[0]
    page, _ = see(
        session, site, url, how, actor, bulletin=bulletin, claimed_at=published_at, claimed_from="claim", now=now
    )
    return claim_copy(session, actor, bulletin, page, Level(how.value), day=city_day(now), now=now)
