"""Tests of pictures compared with pictures."""
