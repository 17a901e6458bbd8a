"""Who republishes: companies, their sites and social pages, licences and agreements, and the register they come from.

Belongs here: facts about partners. Does not: what they republished (``tracking``) or were sent (``publishing``).
"""
