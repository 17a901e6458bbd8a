"""What is kept as proof, whole or not at all: pages as they came, and what persons hand in.

Here belong: the port that bodies are put behind (``blobs``), the two places they may lie (``folder``, ``bucket``), how
they are named by their own hash and read back (``pages``), and a fetch written down as a web archive (``captures``).
What a kept page means does not: that is for ``campaigns.tracking``.
"""

from coordinator.keeping.blobs import BlobStore, StoreError
from coordinator.keeping.folder import FolderStore
from coordinator.keeping.pages import PageStore

__all__ = ["BlobStore", "FolderStore", "PageStore", "StoreError"]
