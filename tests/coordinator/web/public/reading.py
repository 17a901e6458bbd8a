"""The least reader of each feed: what it says is out, what it says was withdrawn, and where it goes on."""

import json
from dataclasses import dataclass
from typing import Any

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
TOMB = "{http://purl.org/atompub/tombstones/1.0}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


@dataclass(frozen=True)
class Feed:
    """``titles`` in the feed's order; ``withdrawn``: codes that are said to be recalled; ``texts`` by title."""

    titles: tuple[str, ...]
    withdrawn: tuple[str, ...]
    texts: dict[str, str]
    updated: dict[str, str]
    next_url: str | None


def read(name: str, body: bytes) -> Feed:
    """The feed ``name`` as its format has it."""
    return {"rss.xml": _rss, "atom.xml": _atom, "feed.json": _json, "ninjs.json": _ninjs}[name](body)


def _xml(body: bytes) -> Any:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def _rss(body: bytes) -> Feed:
    channel = _xml(body).find("channel")
    items = channel.findall("item")
    titles = tuple(one.findtext("title") for one in items)
    links = channel.findall(f"{ATOM}link[@rel='next']")
    return Feed(
        titles,
        (),
        {one.findtext("title"): one.findtext(f"{CONTENT}encoded") for one in items},
        {one.findtext("title"): one.findtext(f"{ATOM}updated") or one.findtext("pubDate") for one in items},
        links[0].get("href") if links else None,
    )


def _atom(body: bytes) -> Feed:
    root = _xml(body)
    entries = root.findall(f"{ATOM}entry")
    links = root.findall(f"{ATOM}link[@rel='next']")
    return Feed(
        tuple(one.findtext(f"{ATOM}title") for one in entries),
        tuple(one.get("ref").rpartition(":")[2] for one in root.findall(f"{TOMB}deleted-entry")),
        {one.findtext(f"{ATOM}title"): one.findtext(f"{ATOM}content") for one in entries},
        {one.findtext(f"{ATOM}title"): one.findtext(f"{ATOM}updated") for one in entries},
        links[0].get("href") if links else None,
    )


def _json(body: bytes) -> Feed:
    told = json.loads(body)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    items = told["items"]
    return Feed(
        tuple(one["title"] for one in items),
        (),
        {one["title"]: one["content_html"] for one in items},
        {one["title"]: one["date_modified"] for one in items},
        told.get("next_url"),
    )


def _ninjs(body: bytes) -> Feed:
    told = json.loads(body)
    out = [one for one in told["items"] if one["pubStatus"] == "usable"]
    return Feed(
        tuple(one["title"] for one in out),
        tuple(one["slugline"] for one in told["items"] if one["pubStatus"] == "canceled"),
        {one["title"]: one["bodies"][0]["value"] for one in out},
        {one["title"]: one["versionCreated"] for one in out},
        told["next"],
    )
