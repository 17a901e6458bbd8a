"""Official accounts and endpoints: settings, capabilities, health and send limits.

The transport of a message to a platform does not belong here: see ``coordinator.channels``.
"""
