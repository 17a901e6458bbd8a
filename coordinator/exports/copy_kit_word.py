"""A bulletin as a Word document, written with python-docx: headline, lead, text, pictures, and the source line."""

import io
from typing import IO, Any

from docx import Document
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from selectolax.lexbor import LexborHTMLParser, LexborNode

from coordinator.exports.copy_kit import CopyKit, KitFile
from coordinator.exports.printable_text import printable

_STYLES = {"h2": "Heading 2", "h3": "Heading 3", "h4": "Heading 4", "blockquote": "Quote"}
_LISTS = {"ul": "List Bullet", "ol": "List Number"}
_BLOCKS = "p, h2, h3, h4, li, blockquote, figcaption, td, th, img"
_PICTURE_WIDTH = Mm(150)


class BulletinDocument:
    """The document of one bulletin; ``save`` writes it."""

    def __init__(self, kit: CopyKit) -> None:
        self.document = Document()
        self._pictures = {picture.url: picture for picture in kit.pictures}
        about = self.document.core_properties
        about.title, about.author, about.language = printable(kit.title), printable(kit.author), "vi-VN"
        about.created = about.modified = kit.changed_at.replace(tzinfo=None)
        about.comments = ""
        self.document.add_heading(printable(kit.title), 1)
        if kit.lead:
            self.document.add_paragraph().add_run(printable(kit.lead)).bold = True
        body = LexborHTMLParser(kit.body_html)
        for line_end in body.css("br"):
            line_end.replace_with(" ")
        shown = {node.attributes.get("src") for node in body.css("img[src]")}
        for picture in kit.pictures:
            if picture.url not in shown:
                self._picture(picture)  # the cover, above the text
        for node in body.css(_BLOCKS):
            self._block(node)
        self._source(kit.author, kit.url)

    def save(self, out: IO[bytes]) -> None:
        """Write the document."""
        self.document.save(out)

    def _block(self, node: LexborNode) -> None:
        if node.tag == "img":
            picture = self._pictures.get(node.attributes.get("src") or "")
            if picture is not None:
                self._picture(picture)
            return
        if any(one.mem_id != node.mem_id for one in node.css("p, li, blockquote")):
            return  # nested elements are visited by the caller
        words = printable(" ".join(node.text(separator="").split()))
        if not words:
            return
        parent = node.parent.tag if node.parent is not None else None
        style = _STYLES.get(node.tag or "") or (_LISTS.get(parent or "") if node.tag == "li" else None)
        self.document.add_paragraph(words, style)

    def _picture(self, picture: KitFile) -> None:
        if picture.content is None:
            return
        try:
            drawn = self.document.add_picture(io.BytesIO(picture.content), _PICTURE_WIDTH)
        except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError):
            return  # the picture file is beside the document
        drawn._inline.docPr.set("descr", printable(picture.alt))
        if picture.alt:
            self.document.add_paragraph(printable(picture.alt), "Caption")

    def _source(self, author: str, url: str) -> None:
        line = self.document.add_paragraph("Theo ")
        line._p.append(_add_hyperlink(line, printable(author), url))


def _add_hyperlink(line: Paragraph, words: str, url: str) -> Any:
    """Add a hyperlink; python-docx reads hyperlinks but has no function to write one."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), line.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = OxmlElement("w:r")
    looks = OxmlElement("w:rPr")
    for name, value in (("w:color", "0563C1"), ("w:u", "single")):
        oxmlelement = OxmlElement(name)
        oxmlelement.set(qn("w:val"), value)
        looks.append(oxmlelement)
    text = OxmlElement("w:t")
    text.text = words
    run.append(looks)
    run.append(text)
    link.append(run)
    return link
