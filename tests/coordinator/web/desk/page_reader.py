"""A page as its readers use it: by headings, table rows, links and fields."""

from selectolax.lexbor import LexborHTMLParser, LexborNode


class Page:
    """The HTML of a response."""

    def __init__(self, html: str) -> None:
        self.tree = LexborHTMLParser(html.replace("<wbr>", ""))  # a place where a line may end is no text

    def words(self, selector: str) -> list[str]:
        """Return the text of every match, with white space collapsed."""
        return [_text(node) for node in self.tree.css(selector)]

    @property
    def heading(self) -> str:
        """Return the one h1. Fails when there is not exactly one."""
        (only,) = self.words("h1")
        return only

    def rows(self, caption: str) -> list[list[str]]:
        """Return the cells of the body rows of the table with this caption."""
        return [
            [_text(cell) for cell in row.css("th, td")]
            for table in self.tree.css("table")
            if (found := table.css_first("caption")) is not None and _text(found) == caption
            for row in table.css("tbody tr")
        ]

    def pairs(self) -> dict[str, str]:
        """Return every name with its value, from lists of pairs and rows of figures."""
        found = {}
        for name in self.tree.css("dl dt"):
            after = name.next
            while after is not None and after.tag != "dd":
                after = after.next
            found[_text(name)] = _text(after) if after is not None else ""
        return found

    def link(self, words: str) -> str:
        """Return the address of the first link with this text."""
        for node in self.tree.css("a"):
            if _text(node) == words:
                return node.attributes["href"] or ""
        raise AssertionError(f"no link {words!r}; there are {[_text(node) for node in self.tree.css('a')]}")

    def has(self, words: str) -> bool:
        """Whether the page contains this text."""
        return words in _text(self.tree.body) if self.tree.body is not None else False

    def errors(self) -> dict[str, str]:
        """Return the sentences of the error summary by the id of their field; every id must be on the page."""
        found = {}
        for node in self.tree.css(".summary a"):
            target = (node.attributes["href"] or "").removeprefix("#")
            assert self.tree.css_first(f"[id='{target}']") is not None, f"the summary leads to no {target!r}"
            found[target] = _text(node)
        return found

    def value(self, name: str) -> str:
        """Return the value of a field."""
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
