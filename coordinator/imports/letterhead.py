"""The letterhead of official letters (Decree 30/2020, annex I): state motto, agency, number, place and date.

It belongs to the letter that a bulletin is taken from, not to the bulletin.
"""

import re
from collections.abc import Iterator

from campaigns.core.vietnamese import fold
from coordinator.imports.blocks import Block, Paragraph, Table, children

_LINES = re.compile(
    r"cong hoa xa hoi chu nghia viet nam|doc lap\s*[-–]\s*tu do\s*[-–]\s*hanh phuc|so: ?\S*\s*/\s*\S+"
    r"|[\w .]{2,40}, ngay\s*\S+\s*thang\s*\S+\s*nam\s*\S+|[-–_*=.\s]+"
)
_LONGEST = 300  # characters; a letterhead's paragraph is a few short lines


def is_letterhead(block: Block) -> bool:
    """Whether a block at the top of a document is part of its letterhead."""
    if isinstance(block, Paragraph):
        return (
            len(block.text) <= _LONGEST
            and any(map(str.isalnum, block.text))
            and all(_LINES.fullmatch(line) for line in _folded([block]))
        )
    if isinstance(block, Table):
        return any("cong hoa xa hoi chu nghia viet nam" in line for line in _folded(children(block)))
    return False


def _folded(blocks: Iterator[Block] | list[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from (fold(line) for line in block.text.splitlines())
