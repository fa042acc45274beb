"""Readers of reviews, businesses and public corpora, and small corpora of our own that ship with the package."""
