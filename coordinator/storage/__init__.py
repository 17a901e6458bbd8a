"""Storage of evidence: fetched pages and uploaded files, each stored whole or not at all.

Here belong: the port of a blob store (``blobs``), its two implementations (``folder``, ``bucket``), the naming of
bodies by their hash (``pages``), the web archive of one fetch (``web_archives``), the backup (``backup``), and
the modes of files (``file_modes``).
What a stored page means does not belong here: that is for ``campaigns.republications``.
"""
