"""A minimal reader of each feed: the published bulletins, the withdrawn ones, and the next page."""

import json
from dataclasses import dataclass
from typing import Any

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
TOMB = "{http://purl.org/atompub/tombstones/1.0}"
G2 = "{http://iptc.org/std/nar/2006-10-01/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


@dataclass(frozen=True)
class FeedContent:
    """``titles`` in the feed's order; ``withdrawn``: codes of recalled bulletins; ``texts`` by title."""

    titles: tuple[str, ...]
    withdrawn: tuple[str, ...]
    texts: dict[str, str]
    updated: dict[str, str]
    next_url: str | None


def read_feed(name: str, body: bytes) -> FeedContent:
    """Parse the feed ``name`` in its format."""
    return {"rss.xml": _rss, "atom.xml": _atom, "feed.json": _json, "ninjs.json": _ninjs, "newsml.xml": _newsml}[name](
        body
    )


def _xml(body: bytes) -> Any:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def _rss(body: bytes) -> FeedContent:
    channel = _xml(body).find("channel")
    items = channel.findall("item")
    titles = tuple(item.findtext("title") for item in items)
    links = channel.findall(f"{ATOM}link[@rel='next']")
    return FeedContent(
        titles,
        (),
        {item.findtext("title"): item.findtext(f"{CONTENT}encoded") for item in items},
        {item.findtext("title"): item.findtext(f"{ATOM}updated") or item.findtext("pubDate") for item in items},
        links[0].get("href") if links else None,
    )


def _atom(body: bytes) -> FeedContent:
    root = _xml(body)
    entries = root.findall(f"{ATOM}entry")
    links = root.findall(f"{ATOM}link[@rel='next']")
    return FeedContent(
        tuple(entry.findtext(f"{ATOM}title") for entry in entries),
        tuple(item.get("ref").rpartition(":")[2] for item in root.findall(f"{TOMB}deleted-entry")),
        {entry.findtext(f"{ATOM}title"): entry.findtext(f"{ATOM}content") for entry in entries},
        {entry.findtext(f"{ATOM}title"): entry.findtext(f"{ATOM}updated") for entry in entries},
        links[0].get("href") if links else None,
    )


def _json(body: bytes) -> FeedContent:
    item = json.loads(body)
    assert item["version"] == "https://jsonfeed.org/version/1.1"
    items = item["items"]
    return FeedContent(
        tuple(item["title"] for item in items),
        (),
        {item["title"]: item["content_html"] for item in items},
        {item["title"]: item["date_modified"] for item in items},
        item.get("next_url"),
    )


def _ninjs(body: bytes) -> FeedContent:
    item = json.loads(body)
    out = [item for item in item["items"] if item["pubStatus"] == "usable"]
    return FeedContent(
        tuple(item["title"] for item in out),
        tuple(item["slugline"] for item in item["items"] if item["pubStatus"] == "canceled"),
        {item["title"]: item["bodies"][0]["value"] for item in out},
        {item["title"]: item["versionCreated"] for item in out},
        item["next"],
    )


def _newsml(body: bytes) -> FeedContent:
    """A message names no next page; the header of the answer does."""
    items = _xml(body).findall(f"{G2}itemSet/{G2}newsItem")
    out = [item for item in items if item.find(f".//{G2}pubStatus").get("qcode") == "stat:usable"]
    return FeedContent(
        tuple(item.findtext(f".//{G2}headline") for item in out),
        tuple(item.get("guid").rpartition(":")[2] for item in items if item not in out),
        {item.findtext(f".//{G2}headline"): _text_of(item.find(f".//{G2}inlineXML")) for item in out},
        {item.findtext(f".//{G2}headline"): item.findtext(f".//{G2}versionCreated") for item in out},
        None,
    )


def _text_of(content: Any) -> str:
    return str(etree.tostring(content, encoding="unicode"))
