"""Letters to staff: the one way out by SMTP, and their words in both languages.

Here belong: the mail server's address, the conversation with it, subjects and texts. When a letter is written, to whom,
and how often it is tried does not: that is the ledger's, in ``campaigns.people.letters`` and ``jobs``.
"""
