"""Web Push: messages encrypted for one browser (RFC 8291) and signed by this installation (RFC 8292)."""
