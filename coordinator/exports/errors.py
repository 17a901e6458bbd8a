"""The one error of the writers that somebody catches."""

from campaigns.core.errors import CampaignError


class ExportError(CampaignError):
    """A file cannot be written on this machine; the message says what to install or change."""

    code = "export"
