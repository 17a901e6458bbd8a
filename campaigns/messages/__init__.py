"""Notices with their readers, and questions with their answers."""
