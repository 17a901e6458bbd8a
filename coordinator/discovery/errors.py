"""The error of a reader for an unsuitable document."""


class DiscoveryError(Exception):
    """The document is not of the expected kind; the message names its address and describes the content."""


def looks_like(body: bytes) -> str:
    """Return a short description of bytes, for a person who entered a wrong address."""
    head = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return "it is empty"
    if head.startswith((b"<!doctype html", b"<html")) or b"<body" in head or b"<head" in head:
        return "it looks like an HTML page"
    if head.startswith(b"\x1f\x8b"):
        return "it looks like a gzip file"
    if head.startswith(b"%pdf"):
        return "it looks like a PDF"
    if b"<urlset" in head or b"<sitemapindex" in head:
        return "it looks like a sitemap"
    if b"<rss" in head or b"<feed" in head or b"<rdf:rdf" in head:
        return "it looks like a broken feed"
    if head.startswith((b"{", b"[")):
        return "it looks like JSON"
    if head.startswith(b"<"):
        return "it looks like some other XML"
    if b"\x00" in head:
        return "it looks like a binary file"
    return "it looks like plain text"
