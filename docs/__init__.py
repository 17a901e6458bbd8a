"""The guides, installed as ``coordinator.manual``; ``coordinator.web.manual`` shows them."""
