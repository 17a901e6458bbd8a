"""Desk pages for campaigns and topics."""
