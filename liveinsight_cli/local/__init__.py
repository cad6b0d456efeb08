"""The embedded AWS: one process per project on the loopback that stands in for AWS."""
