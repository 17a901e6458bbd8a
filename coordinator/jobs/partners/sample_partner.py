"""The sample partner's program, played by the clock: it reads its feed and republishes."""

from campaigns.republications import sample_partner
from coordinator.jobs.context import JobContext


def play(context: JobContext) -> bool:
    """Read the feed of the sample partner, if there is one; returns whether its source has become due."""
    with context.database.read() as session:
        if sample_partner.sample_site(session) is None:
            return False
    with context.database.write() as session:
        return sample_partner.read_feed(
            session, context.delivery_modes, after=context.intervals.republish, now=context.now()
        )
