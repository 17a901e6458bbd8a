"""Uploaded pictures and PDF files, made anew or refused."""
