"""Sheets as files: a Word document, and what a typesetter makes into PDF."""
