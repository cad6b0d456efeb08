"""CloudWatch of the embedded AWS: logs, metrics and alarms, kept in one SQLite file."""
