"""Files and drawings handed out of the product: CSV, Excel, the briefing as Word and PDF, charts as SVG.

What belongs here: pure writers that take frozen values and return bytes or text, and the formatting of numbers and
dates for readers. What does not: choosing or counting the figures (``campaigns.reporting``), sessions, clocks, files on
disk, requests, and the JSON of the API.
"""
