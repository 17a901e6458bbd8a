"""The settings of the channel in memory."""

from coordinator.channels.settings import KindSettings


class MemorySettings(KindSettings):
    """There are no settings."""
