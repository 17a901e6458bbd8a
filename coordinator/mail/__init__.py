"""Mail: the SMTP client, and the texts of mails in both languages.

Here belong the mail server's address, the SMTP session, subjects and texts. When and to whom a mail is sent, and how
often it is tried, do not: that is in ``campaigns.people.mail_outbox`` and ``coordinator.jobs``.
"""
