"""The numbers: every figure on any page, in the API, in an export or a briefing is asked for here.

Belongs here: SQL that counts, and the frozen quarterly briefing. Does not: drawing or file formats.
"""
