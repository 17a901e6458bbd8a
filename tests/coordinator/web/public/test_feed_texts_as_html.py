"""Titles and descriptions of the RSS feed in readers that show them as HTML: a real browser, and feedparser."""

from typing import Any

import feedparser
import lxml.etree as ET

from coordinator.feeds import rss
from tests.coordinator.feeds.samples import MARKED_UP, info, item
from tests.coordinator.web.chromium import chromium, open_page

__all__ = ["chromium"]

SHOW = """texts => texts.map(text => {
  const shown = document.createElement('div');
  shown.innerHTML = text;
  document.body.append(shown);
  return [shown.textContent, shown.childElementCount];
})"""


def test_no_title_or_lead_is_markup_in_a_reader_that_shows_html(chromium: Any) -> None:
    items = [item(number + 1, title=text, lead=text) for number, text in enumerate(MARKED_UP)]
    root = ET.fromstring(rss.render(info(title=MARKED_UP[0], description=MARKED_UP[0]), items))
    texts = [str(node.text) for node in root.iter("title", "description")]
    expected = [MARKED_UP[0], MARKED_UP[0], *(text for text in MARKED_UP for _ in range(2))]
    page = open_page(chromium)
    page.set_content("<!DOCTYPE html><title>x</title><body></body>")
    assert page.evaluate(SHOW, texts) == [[text, 0] for text in expected]
    assert page.evaluate("new Promise(done => setTimeout(() => done(document.hit), 200))") is None


def test_feedparser_hands_on_titles_and_leads_that_are_not_markup() -> None:
    items = [item(number + 1, title=text, lead=text) for number, text in enumerate(MARKED_UP)]
    read = feedparser.parse(rss.render(info(), items), sanitize_html=False)
    assert not read.bozo
    for entry, text in zip(read.entries, MARKED_UP, strict=True):
        for shown in (entry.title, entry.summary):
            element = ET.HTML(f"<div>{shown}</div>").find(".//div")
            assert (element.text, len(element)) == (text, 0)
