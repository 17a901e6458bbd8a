"""Pages as a browser shows them: a look at one page in Debian's Chromium, through the proxy of ``coordinator.http``.

What belongs here: starting the browser, its limits, the text that a reader sees, the screenshot. What does not: which
pages are looked at and what the look means, which is for ``jobs``.
"""
