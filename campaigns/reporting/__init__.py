"""Every figure: tallies, progress, drill-down, briefings, rankings, digests, schedules and open data.

``tallies`` is the only source of figures.
"""
