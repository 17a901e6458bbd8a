"""Import of bulletins from files and feeds. All texts are written in one transaction."""

from collections.abc import Sequence
from pathlib import Path

from campaigns.bulletins import drafts
from campaigns.bulletins.drafts import BulletinText
from campaigns.people.staff import Actor
from campaigns.planning.campaigns import all_topics
from coordinator.http.errors import RequestError
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.documents.imported_text import ImportedText, ImportedTexts, RejectedText
from coordinator.imports.documents.readers import read_document, read_fetched_feed
from coordinator.jobs.bulletins.foreign_pictures import keep_foreign_pictures
from coordinator.jobs.context import AppContext, JobContext
from coordinator.jobs.release import commands
from coordinator.jobs.release.commands import BulletinStatus


def read_source(context: JobContext, source: str) -> ImportedTexts:
    """The texts of a file or of a feed's address. Raises ``UnreadableDocument`` if the source as a whole cannot be
    read."""
    if source.startswith(("http://", "https://")):
        try:
            answer = context.http_client.get(source, cap=5_000_000)
        except RequestError as error:
            raise UnreadableDocument(f"the feed could not be fetched: {error}", code="unreachable") from error
        if answer.status != 200:
            raise UnreadableDocument(f"the feed's server answered {answer.status}", code="unreachable")
        return read_fetched_feed(answer.body, answer.url)
    path = Path(source)
    return read_document(path.name, path.read_bytes())


def without_topic(app: AppContext, texts: Sequence[ImportedText], topic: str) -> list[RejectedText]:
    """The texts whose topic, their own or the default ``topic``, does not exist."""
    with app.job_context.database.read() as session:
        known = {row.code for row in all_topics(session)}
    return [
        RejectedText(
            text.row, "topic", "unknown_topic", f"there is no topic {wanted!r}; expected {', '.join(sorted(known))}"
        )
        for text in texts
        if (wanted := text.topic or topic) not in known
    ]


def import_texts(app: AppContext, actor: Actor, texts: Sequence[ImportedText], topic: str) -> list[BulletinStatus]:
    """Write a draft for each text in one transaction; texts without a topic of their own get ``topic``. Before that,
    foreign pictures are kept here."""
    kept = [
        keep_foreign_pictures(
            app.job_context, actor, BulletinText(text.title, text.lead, text.body_html, text.body_text)
        )
        for text in texts
    ]
    with app.job_context.database.write() as session:
        return [
            commands.bulletin_status(
                drafts.create(
                    session,
                    actor,
                    written,
                    topic=text.topic or topic,
                    campaign=text.campaign,
                    source_url=text.source_url,
                    now=app.job_context.now(),
                )
            )
            for text, written in zip(texts, kept, strict=True)
        ]
