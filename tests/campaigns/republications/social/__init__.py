"""Tests of posts on social networks."""
