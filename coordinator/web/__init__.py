"""The pages: the staff's desk, the public's bulletins and feeds, and sign-in.

Belongs here: forms, pages and their wording. Does not: sending anything; a page writes rows and nudges the runner.
"""
