"""The ``Link`` header of a feed (RFC 8288): where it is, who its hub is, and where it goes on."""

from urllib.parse import quote

# Everything a URI may consist of, "%" included, as what comes in is already an address. What may not stand in one,
# above all line ends, quotes and ">", is percent-encoded and cannot end the header or the link.
_URI = "!#$%&'()*+,/:;=?@[]~"


def link_header(*, self_url: str, hub_url: str | None = None, next_url: str | None = None) -> str:
    """``<hub>; rel="hub", <self>; rel="self", <next>; rel="next"``, without the parts that are None."""
    links = (("hub", hub_url), ("self", self_url), ("next", next_url))
    return ", ".join(f'<{quote(url, safe=_URI)}>; rel="{rel}"' for rel, url in links if url)
