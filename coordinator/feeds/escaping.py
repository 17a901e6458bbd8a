"""Text made safe for XML and JSON, on bytes: encoding once and translating is several times faster than a pattern.

XML 1.0 (section 2.2) has no place for most control characters, lone surrogates, U+FFFE and U+FFFF, not even escaped;
they are dropped. Line ends become one line feed, which is what every XML reader would make of them (section 2.11).
JSON could carry them, but the same text in every format is worth more, and a NUL breaks many a reader's database.
"""

_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")


def scrub(text: str) -> bytes:
    """``text`` in UTF-8 without what XML cannot carry. Nothing else is changed: no normalisation, no trimming."""
    # A lone surrogate has no encoding in UTF-8, so "ignore" drops exactly those.
    raw = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\xef\xbf" in raw:
        # EF only ever begins a character in UTF-8, so these are whole characters, and cutting them makes no new one.
        raw = raw.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return raw


def plain(text: str) -> str:
    """The same text for JSON."""
    return scrub(text).decode()


def element(text: str) -> bytes:
    """The content of an element."""
    # ">" needs it only after "]]", but then always.
    return scrub(text).replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def attribute(text: str) -> bytes:
    """The content of an attribute between double quotes. Tabs and line feeds are written as references.

    As they stand a reader turns them into spaces (XML 1.0, section 3.3.3).
    """
    raw = element(text).replace(b'"', b"&quot;")
    return raw.replace(b"\t", b"&#9;").replace(b"\n", b"&#10;")


def cdata(text: str) -> bytes:
    """A CDATA section; ``]]>`` in the text is divided between two, which a reader joins again."""
    # After scrub(): a dropped character between "]]" and ">" must not leave the end mark behind.
    return b"<![CDATA[" + scrub(text).replace(b"]]>", b"]]]]><![CDATA[>") + b"]]>"
