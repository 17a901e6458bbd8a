"""Campaigns with their topics and targets, milestones, holidays and the forecast of a target.

``reporting`` counts the progress of a target.
"""
