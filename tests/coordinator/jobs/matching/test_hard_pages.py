"""Whole pages of difficulties through the code of ``lantoa check``: each gets what its entry in the corpus says."""

import pytest

from benchmarks.corpus.hard_pages import BULLETINS, HardPage, hard_pages
from benchmarks.corpus.page_ends import end_pages
from benchmarks.verdicts import Page, judged


@pytest.mark.parametrize("pages", [hard_pages(), end_pages()], ids=["hard pages", "ends of pages"])
def test_each_hard_page_is_judged_as_its_entry_says(pages: list[HardPage]) -> None:
    sites = [Page(page.name, f"https://trang{at}.example/{at}.html", page.html) for at, page in enumerate(pages)]
    found = judged(BULLETINS, sites)
    for page in pages:
        counted = {row["bulletin"]: row for row in found[page.name] if row["match"] in {"full", "partial"}}
        if not page.counted:  # what is hidden is not counted, or not without a look by a browser
            looks = {
                code for code, row in counted.items() if any(why.startswith("unread_style:") for why in row["reasons"])
            }
            counted = {code: row for code, row in counted.items() if code not in looks}
        assert {code: row["attribution"] for code, row in counted.items()} == page.counted, page.name
        assert all(str(row["published_at"]).startswith(page.published) for row in counted.values()), page.name
