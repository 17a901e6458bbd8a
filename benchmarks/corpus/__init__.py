"""A corpus of Vietnamese bulletins and of partners' pages with them, made up for measuring and written for this project.

Everything follows from a seed: the same seed gives the same texts, pages and expected verdicts. ``words`` and ``topics``
hold what sentences are made of, ``bulletins`` the bulletins, ``edits`` what partners do to them, ``styles`` the pages
around them, ``sources`` the source lines and ``clocks`` the dates on those pages, each with the verdict it must get.
"""
