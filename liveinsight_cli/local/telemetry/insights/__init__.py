"""Logs Insights for the embedded AWS: the part of its query language that operators use, over the log store."""
