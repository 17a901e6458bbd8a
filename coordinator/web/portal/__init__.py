"""The partners' portal: a partner's own sites, copies and figures, and its answers.

The package holds the sign-in by a partner's key and pages that query one company alone. Data of other partners or of
the desk, decisions, and figures outside of the tallies belong elsewhere.
"""
