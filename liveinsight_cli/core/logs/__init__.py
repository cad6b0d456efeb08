"""Logs as an operator reads them: followed without loss, merged, folded to one line a request."""
