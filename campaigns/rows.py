"""Every module that maps rows, imported, so that ``Base.metadata`` is whole and every relationship resolves."""

from campaigns.core import journal, leading
from campaigns.core.base import Base
from campaigns.partners import agreements, directory, licences
from campaigns.people import keys, office, replies, staff
from campaigns.planning import campaigns
from campaigns.publishing import bulletins, channels, fetches, outbox, readings, subscriptions
from campaigns.tracking import exhibits, prints, probes, republications, sightings, teasers, views, watching

ROOMS = (
    journal, leading, staff, keys, office, replies, campaigns, directory, licences, agreements, bulletins, channels,
    outbox, fetches, subscriptions, prints, watching, sightings, republications, views,
    readings, exhibits, probes, teasers,
)  # fmt: skip
METADATA = Base.metadata
