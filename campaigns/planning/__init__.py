"""What is to be reached: campaigns with their plan number, topics and targets, and how far they are.

Belongs here: targets against counts, as pure functions. Does not: the counting itself (``reporting.tallies``).
"""
