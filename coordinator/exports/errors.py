"""The error of the writers."""

from campaigns.core.errors import CampaignError


class ExportError(CampaignError):
    """A file cannot be written on this machine; the message says what to install or change."""

    code = "export"


class InvalidTemplate(ExportError):
    """A template is invalid. ``code`` says why; ``where``: the text of the paragraph, '' for the whole template."""
