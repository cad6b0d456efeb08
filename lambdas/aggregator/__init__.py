"""Folds the stream of stored events into rollup blocks and the sessions table."""
