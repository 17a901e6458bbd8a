"""Notices with their readers, questions with their answers, and what people decided about tasks."""
