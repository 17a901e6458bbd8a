"""What the department and its partners say to each other: notices and who has read them, questions and answers.

Belongs here: the words, whom they are for, who read them and who spoke. Does not: what a partner answers to what was
found on one of its copies (``tracking.answers``), figures, pages.
"""
