"""Reports as papers: figures come in, a ``Paper`` goes out, in the reader's language.

Belongs here: which figures a report shows, in which order, in which words, and where each leads. Does not: counting
(``campaigns.reporting``), drawing and file formats (``exports``), sessions, or requests. The words go through ``_``,
which whoever asks hands in: the pages' own for a page, none for a file in Vietnamese.
"""
