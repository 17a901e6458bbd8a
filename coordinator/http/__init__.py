"""Outgoing HTTP: every request to another machine is made by ``HttpClient``.

What belongs here: the check of addresses, total deadlines, caps on the response, pace per host, robots.txt, redirects,
and the response as a frozen value. What does not: the meaning of a response (a feed, a page, a channel's receipt),
which is for ``discovery`` and ``channels``. Nothing else in the project opens a connection with ``requests``.
"""
