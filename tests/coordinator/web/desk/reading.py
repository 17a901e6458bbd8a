"""A page read the way its readers meet it: by headings, by the rows of its tables, by its links and fields."""

from selectolax.lexbor import LexborHTMLParser, LexborNode


class Page:
    """An answer's HTML."""

    def __init__(self, html: str) -> None:
        self.tree = LexborHTMLParser(html)

    def words(self, selector: str) -> list[str]:
        """The text of every match, with its spaces in order."""
        return [_text(node) for node in self.tree.css(selector)]

    @property
    def heading(self) -> str:
        """The one h1. Fails when there is not exactly one."""
        (only,) = self.words("h1")
        return only

    def rows(self, caption: str) -> list[list[str]]:
        """The cells of the body's rows of the table with this caption."""
        return [
            [_text(cell) for cell in row.css("th, td")]
            for table in self.tree.css("table")
            if (found := table.css_first("caption")) is not None and _text(found) == caption
            for row in table.css("tbody tr")
        ]

    def pairs(self) -> dict[str, str]:
        """Every name with its value, in the lists of pairs and in the strips of figures."""
        found = {}
        for name in self.tree.css("dl dt"):
            after = name.next
            while after is not None and after.tag != "dd":
                after = after.next
            found[_text(name)] = _text(after) if after is not None else ""
        return found

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        for node in self.tree.css("a"):
            if _text(node) == words:
                return node.attributes["href"] or ""
        raise AssertionError(f"no link {words!r}; there are {[_text(node) for node in self.tree.css('a')]}")

    def has(self, words: str) -> bool:
        """Whether the words stand anywhere on the page."""
        return words in _text(self.tree.body) if self.tree.body is not None else False

    def errors(self) -> dict[str, str]:
        """The summary's sentences by the id of the field each leads to; every id must be on the page."""
        found = {}
        for node in self.tree.css(".summary a"):
            target = (node.attributes["href"] or "").removeprefix("#")
            assert self.tree.css_first(f"[id='{target}']") is not None, f"the summary leads to no {target!r}"
            found[target] = _text(node)
        return found

    def value(self, name: str) -> str:
        """What a field holds."""
        node = self.tree.css_first(f"[name='{name}']")
        assert node is not None, f"no field {name!r}"
        if node.tag == "textarea":
            return node.text()
        if node.tag == "select":
            chosen = node.css_first("option[selected]")
            return (chosen.attributes["value"] or "") if chosen is not None else ""
        return node.attributes.get("value") or ""


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())
