"""Finding anything by its words: how texts become words, the index of them, and what a search finds.

Here belongs what is indexed, how it is kept in step, and how hits are ordered. What a page shows of a hit does not.
"""
