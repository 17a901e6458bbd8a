"""The partners' portal: what a partner sees of its own sites and copies, and how it answers.

Belongs here: the way in by a partner's key, and pages that ask for one company alone. Does not: anything of another
partner or of the desk, a decision, a figure that the tallies do not give.
"""
