"""Files and charts that the product produces: CSV, Excel, the briefing as Word and PDF, charts as SVG.

Here belong pure writers that take frozen values and return bytes or text, and the formatting of numbers and dates for
readers. The selection and count of figures (``campaigns.reporting``), sessions, clocks, files on disk, requests, and
the JSON of the API do not.
"""
