"""Compliance: what a partner is held to where it carries our bulletins, and what came of each suspicion.

Belongs here: the rules as dated data, what is asked of a copy and of a site's front page, findings from proposal to
outcome. Does not: fetching, letters, a sanction. A rule proposes, a person decides, the partner is heard.
"""
