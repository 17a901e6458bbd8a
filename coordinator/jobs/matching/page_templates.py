"""Templates of the sites in a file of pages, learned from the pages of one host that carry no bulletin.

The lines of each host are counted before the first page is judged; a host's template is read from some of its pages
when a page of it needs one. From a pipe, which can be read once, nothing is learned.
"""

import mmap
import os
import re
from array import array
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import BinaryIO

from campaigns.core.errors import CampaignError
from campaigns.discovery.urls import SiteProfile, canonical_url, host_of
from campaigns.republications.attribution.site_templates import NO_TEMPLATE, PagePart, SiteTemplate, common_parts
from campaigns.republications.attribution.verdicts import OurSource
from coordinator.jobs.matching.json_lines import BadLine, read_lines

_URL = re.compile(rb'"url"\s*:\s*"((?:[^"\\]|\\.){1,2000})"')
_MAX_HOSTS = 50_000  # the others have no template
_LINES = 24  # of a host, the first
_PAGES = 8  # without a bulletin, of a host
_LEAST_LINES = 3


class PageTemplates:
    """The templates of the hosts in a file. ``read``: what of the page on a line may be taken for a source, None for
    one that carries a bulletin or may; raises ``BadLine`` or ``CampaignError`` for a line that is no page."""

    def __init__(
        self, file: BinaryIO, profile: SiteProfile, read: Callable[[bytes, OurSource], tuple[PagePart, ...] | None]
    ) -> None:
        self._file, self._profile, self._read = file, profile, read
        self._lines: dict[str, array[int]] = {}  # offset and length of each line
        self._unreadable: set[int] = set()  # offsets; a page that takes long is not tried again
        # One more than the offset that is read; a forked process and this one share it.
        self._read_at = mmap.mmap(-1, 8)
        if not file.seekable():
            return
        for line in read_lines(file):
            found = _URL.search(line.raw) if line.raw is not None else None
            if found is None or line.raw is None or (host := self._host_of(found[1])) is None:
                continue
            lines = self._lines.get(host)
            if lines is None:
                if len(self._lines) >= _MAX_HOSTS:
                    continue
                lines = self._lines[host] = array("q")
            if len(lines) < 2 * _LINES:
                lines.extend((line.end - len(line.raw), len(line.raw)))
        file.seek(0)
        self._lines = {host: lines for host, lines in self._lines.items() if len(lines) >= 2 * _LEAST_LINES}

    def find(self, url: str, ours: OurSource) -> SiteTemplate:
        """Return the template of an address's host, as far as it names or links us."""
        host = self._host_of(url.encode("utf-8", "surrogatepass"))
        if host not in self._lines:
            return NO_TEMPLATE
        return self._template(host, replace(ours, urls=(), hosts=ours.all_hosts))

    def begin_alone(self) -> None:
        """Forget what processes that worked at the same time were reading."""
        self._read_at[:] = bytes(8)

    def skip_interrupted(self) -> bool:
        """Leave out the page at which the only forked process ended, if it ended while it read one for a template."""
        offset = int.from_bytes(self._read_at[:], "little") - 1
        self._read_at[:] = bytes(8)
        if offset >= 0:
            self._unreadable.add(offset)
        return offset >= 0

    def _host_of(self, url: bytes) -> str | None:
        try:
            return host_of(canonical_url(url.decode("utf-8").replace("\\/", "/"), self._profile))
        except (CampaignError, UnicodeDecodeError):
            return None

    @lru_cache(maxsize=512)  # noqa: B019  # there is one object a process
    def _template(self, host: str, ours: OurSource) -> SiteTemplate:
        lines = self._lines[host]
        parts = []
        for offset, length in zip(lines[::2], lines[1::2], strict=True):
            # Reads at an offset of its own: processes that were forked share the position of the file.
            if offset in self._unreadable:
                continue
            self._read_at[:] = (offset + 1).to_bytes(8, "little")
            try:
                found = self._read(os.pread(self._file.fileno(), length, offset), ours)
            except (BadLine, CampaignError):
                self._unreadable.add(offset)
                continue
            finally:
                self._read_at[:] = bytes(8)
            if found is not None:
                parts.append(found)
            if len(parts) == _PAGES:
                break
        return common_parts(parts)
