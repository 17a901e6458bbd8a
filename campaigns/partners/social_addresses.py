"""Addresses on social networks: the network, the page or account, the post, and one form of all forms of an address.

A network has one host for all companies, so that the page or account, not the host, is what a company has: it is
registered as a site whose ``host`` is the ``account_key``, such as ``facebook.com/sotttt``. Pure; nothing is fetched.
Short links with the post in them (``youtu.be``) have the long form; others (``fb.watch``, ``vm.tiktok.com``,
``zalo.me/s``) do not tell what they lead to, and stay addresses of their own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit


class SocialNetwork(Enum):
    """A network whose addresses are known in detail, by its main host."""

    FACEBOOK = "facebook.com"
    TIKTOK = "tiktok.com"
    YOUTUBE = "youtube.com"
    ZALO = "zalo.me"


NETWORK_NAMES = {
    SocialNetwork.FACEBOOK: "Facebook",
    SocialNetwork.TIKTOK: "TikTok",
    SocialNetwork.YOUTUBE: "YouTube",
    SocialNetwork.ZALO: "Zalo",
}
_OTHER_HOSTS = {
    "fb.com": SocialNetwork.FACEBOOK,
    "fb.watch": SocialNetwork.FACEBOOK,
    "youtu.be": SocialNetwork.YOUTUBE,
    "youtube-nocookie.com": SocialNetwork.YOUTUBE,
    "zaloapp.com": SocialNetwork.ZALO,
    "rd.zapps.vn": SocialNetwork.ZALO,
}
_NETWORKS = {**{network.value: network for network in SocialNetwork}, **_OTHER_HOSTS}


@dataclass(frozen=True)
class SocialAddress:
    """An address on a known network. ``account``: the page, group, channel or account that it names, '' for none;
    ``post``: what identifies the post, '' when the address is an account's; ``canonical``: one form of all forms of
    the post's address, '' without a post. ``short``: a short link, which does not tell what it leads to."""

    network: SocialNetwork
    account: str = ""
    post: str = ""
    canonical: str = ""
    short: bool = False

    @property
    def account_key(self) -> str:
        """What identifies the account among all sites, '' when the address names none."""
        return f"{self.network.value}/{self.account}" if self.account else ""


def read_address(url: str) -> SocialAddress | None:
    """Read an address; None when it is not on a known network."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    network = next((known for name, known in _NETWORKS.items() if host == name or host.endswith(f".{name}")), None)
    if network is None:
        return None
    steps = [step for step in parts.path.split("/") if step]
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if network is SocialNetwork.FACEBOOK and steps == ["l.php"] and (inner := query.get("u")):
        return read_address(inner)  # Facebook's way out of a page, which names where it leads
    if network is SocialNetwork.FACEBOOK and steps == ["plugins", "video.php"]:
        played = read_address(query.get("href", ""))  # the player names the video
        return played if played is not None and played.network is network else SocialAddress(network)
    return _READERS[network](host, steps, query)


def network_of_key(host: str) -> SocialNetwork | None:
    """The network of a registered account, by the ``host`` of its site; None for a site with a host of its own."""
    name, slash, _account = host.partition("/")
    return _NETWORKS.get(name) if slash else None


def network_name(host: str) -> str:
    """The name of the network of a registered site, by its ``host``: a network with one host of its own is called by
    it."""
    network = network_of_key(host)
    return NETWORK_NAMES[network] if network is not None else host


_DIGITS = re.compile(r"\d{5,}", re.ASCII)
_POST_ID = re.compile(r"(?:\d{5,}|pfbid[A-Za-z0-9]+)", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_FACEBOOK = "https://www.facebook.com"
# First steps of paths that are no names of pages.
_NO_PAGE_WORDS = """
watch reel reels share photo photo.php photos video.php videos story.php permalink.php profile.php groups people pages p
events marketplace hashtag login login.php sharer sharer.php plugins gaming help policies stories media l.php home.php
posts ads business notes search dialog
"""
_NO_PAGE = frozenset(_NO_PAGE_WORDS.split())


def _facebook_name(name: str) -> str:
    """The key of a page's name: Facebook ignores case and dots in it."""
    return name.lower() if _DIGITS.fullmatch(name) else name.lower().replace(".", "")


def _facebook(host: str, steps: Sequence[str], query: dict[str, str]) -> SocialAddress:
    network = SocialNetwork.FACEBOOK
    if host == "fb.watch" or host.endswith(".fb.watch"):
        return _short(network, "https://fb.watch", steps[:1])
    first = steps[0].lower() if steps else ""
    account = _facebook_account(first, steps, query)
    if first == "share":
        kept = 3 if steps[2:] and steps[1] in {"p", "v", "r"} else 2
        return _short(network, _FACEBOOK, ["share", *steps[1:kept]])
    if (first in {"watch", "video.php"} and query.get("v")) or (first in {"reel", "reels"} and steps[1:]):
        return _facebook_post(account, "video", query["v"] if first in {"watch", "video.php"} else steps[1])
    if first in {"permalink.php", "story.php"} and query.get("story_fbid"):
        return _facebook_post(account, "post", query["story_fbid"])
    if query.get("fbid") and first in {"photo", "photo.php", "photos"}:
        return _facebook_post(account, "photo", query["fbid"])
    if first == "groups" and query.get("multi_permalinks"):
        return _facebook_post(account, "post", query["multi_permalinks"])
    rest = list(steps[2:]) if first == "groups" else list(steps[1:])
    kind = {"posts": "post", "permalink": "post", "videos": "video", "photos": "photo"}.get(rest[0] if rest else "", "")
    ident = next((step for step in reversed(rest[1:]) if _POST_ID.fullmatch(step)), "")
    if kind and ident:
        return _facebook_post(account, kind, ident)
    return SocialAddress(network, account)


def _facebook_account(first: str, steps: Sequence[str], query: dict[str, str]) -> str:
    if first == "groups":
        return f"groups/{steps[1].lower()}" if steps[1:] else ""
    if first in {"profile.php", "permalink.php", "story.php"}:
        return query.get("id", "") if _DIGITS.fullmatch(query.get("id", "")) else ""
    if first in {"people", "pages"}:
        return steps[2] if steps[2:] and _DIGITS.fullmatch(steps[2]) else ""
    if first == "p":
        ident = steps[1].rpartition("-")[2] if steps[1:] else ""
        return ident if _DIGITS.fullmatch(ident) else ""
    if not first or first in _NO_PAGE or not _TOKEN.fullmatch(first):
        return ""
    return _facebook_name(first)


def _facebook_post(account: str, kind: str, ident: str) -> SocialAddress:
    ident = ident.partition(",")[0]
    if not _POST_ID.fullmatch(ident):
        return SocialAddress(SocialNetwork.FACEBOOK, account)
    path = {"post": "permalink.php?story_fbid=", "video": "watch?v=", "photo": "photo?fbid="}[kind]
    return SocialAddress(SocialNetwork.FACEBOOK, account, ident, f"{_FACEBOOK}/{path}{ident}")


def _short(network: SocialNetwork, home: str, steps: Sequence[str]) -> SocialAddress:
    if not steps or not _TOKEN.fullmatch(steps[-1]) or steps == ["share"]:
        return SocialAddress(network)
    return SocialAddress(network, "", steps[-1], "/".join([home, *steps]), short=True)


def _tiktok(host: str, steps: Sequence[str], _query: dict[str, str]) -> SocialAddress:
    network = SocialNetwork.TIKTOK
    if host.startswith(("vm.", "vt.")):
        return _short(network, f"https://{host}", steps[:1])
    if steps[:1] == ["t"]:
        return _short(network, "https://www.tiktok.com", steps[:2] if steps[1:] else [])
    account = steps[0].lower() if steps and steps[0].startswith("@") and len(steps[0]) > 1 else ""
    kinds = {"video", "photo", "v", "v1", "v2", "embed"}  # with those of the player
    ident = next(
        (
            step.removesuffix(".html")
            for before, step in pairwise(steps)
            if before in kinds and _DIGITS.fullmatch(step.removesuffix(".html"))
        ),
        "",
    )
    canonical = f"https://www.tiktok.com/share/video/{ident}" if ident else ""
    return SocialAddress(network, account, ident, canonical)


_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{6,20}", re.ASCII)


def _youtube(host: str, steps: Sequence[str], query: dict[str, str]) -> SocialAddress:
    network = SocialNetwork.YOUTUBE
    first = steps[0] if steps else ""
    if host == "youtu.be" or host.endswith(".youtu.be"):
        ident = first
    elif first in {"shorts", "live", "embed", "v"} and steps[1:]:
        ident = steps[1]
    else:
        ident = query.get("v", "") if first == "watch" else ""
    if _VIDEO_ID.fullmatch(ident):
        return SocialAddress(network, "", ident, f"https://www.youtube.com/watch?v={ident}")
    if first == "post" and steps[1:] and _TOKEN.fullmatch(steps[1]):
        return SocialAddress(network, "", steps[1], f"https://www.youtube.com/post/{steps[1]}")
    if first.startswith("@") and len(first) > 1:
        return SocialAddress(network, first.lower())
    if first in {"channel", "c", "user"} and steps[1:]:
        return SocialAddress(network, f"{first}/{steps[1].lower()}")
    return SocialAddress(network)


def _zalo(host: str, steps: Sequence[str], query: dict[str, str]) -> SocialAddress:
    """A post in a group has no address of its own: its address is the group's."""
    network = SocialNetwork.ZALO
    if steps[:1] == ["detail"] and steps[1:] and query.get("id"):
        post = query["id"]
        return SocialAddress(network, steps[1].lower(), post, f"https://{host}/detail/{steps[1]}?id={post}")
    if steps[:1] == ["s"]:
        return _short(network, "https://zalo.me", steps[:2] if steps[1:] else [])
    if steps[:1] == ["g"] and steps[1:] and _TOKEN.fullmatch(steps[1]):
        # Codes of groups distinguish capitals.
        return SocialAddress(network, f"g/{steps[1]}", "", f"https://zalo.me/g/{steps[1]}")
    if host in {"zalo.me", "www.zalo.me", "oa.zalo.me"} and len(steps) == 1 and _TOKEN.fullmatch(steps[0]):
        return SocialAddress(network, steps[0].lower(), "", f"https://zalo.me/{steps[0].lower()}")
    return SocialAddress(network)


_READERS = {
    SocialNetwork.FACEBOOK: _facebook,
    SocialNetwork.TIKTOK: _tiktok,
    SocialNetwork.YOUTUBE: _youtube,
    SocialNetwork.ZALO: _zalo,
}
