"""Import of bulletins' texts, whole or not at all unless told to skip the bad."""

from collections.abc import Sequence
from pathlib import Path

from campaigns.people.staff import Actor
from campaigns.planning.campaigns import all_topics
from campaigns.publishing import drafting
from campaigns.publishing.drafting import Text
from coordinator.http import DoorError
from coordinator.imports.documents import read_any
from coordinator.imports.feedtext import read_feed
from coordinator.imports.texts import ImportedText, RejectedText, Texts
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs import acts
from coordinator.jobs.acts import Stood
from coordinator.jobs.workplace import Front, Workplace


def read_source(place: Workplace, source: str) -> Texts:
    """The texts of a file or a feed's address. Raises ``UnreadableDocument`` for one that cannot be read as a whole."""
    if source.startswith(("http://", "https://")):
        try:
            answer = place.door.get(source, cap=5_000_000)
        except DoorError as error:
            raise UnreadableDocument(f"the feed could not be fetched: {error}", code="unreachable") from error
        if answer.status != 200:
            raise UnreadableDocument(f"the feed's server answered {answer.status}", code="unreachable")
        return read_feed(answer.body, base=answer.url)
    path = Path(source)
    return read_any(path.name, path.read_bytes())


def without_topic(front: Front, texts: Sequence[ImportedText], topic: str) -> list[RejectedText]:
    """The texts whose topic, or the one they would be given, does not exist."""
    with front.place.database.read() as session:
        known = {one.code for one in all_topics(session)}
    return [
        RejectedText(
            one.row, "topic", "unknown_topic", f"there is no topic {wanted!r}; expected {', '.join(sorted(known))}"
        )
        for one in texts
        if (wanted := one.topic or topic) not in known
    ]


def import_texts(front: Front, actor: Actor, texts: Sequence[ImportedText], topic: str) -> list[Stood]:
    """A draft for each text, all in one transaction; ``topic`` is for those that name none."""
    with front.place.database.write() as session:
        return [
            acts.stood(
                drafting.create(
                    session,
                    actor,
                    Text(one.title, one.lead, one.body_html, one.body_text),
                    topic=one.topic or topic,
                    campaign=one.campaign,
                    source_url=one.source_url,
                    now=front.place.now(),
                )
            )
            for one in texts
        ]
