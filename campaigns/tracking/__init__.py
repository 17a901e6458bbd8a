"""What came of it: where to look, what was seen, what was on the page, and whether it counts.

Belongs here: matching, attribution, evidence and republications. Does not: fetching or parsing a page.
"""
