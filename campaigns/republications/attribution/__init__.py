"""Attribution: whether a page names the source and links to the original."""
