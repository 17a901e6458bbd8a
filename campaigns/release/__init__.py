"""Approval, scheduling, publishing, correction and recall; series and their days; the release calendar."""
