"""`GET /api/stats`: totals, series and top lists of a time range."""
