"""Moving data in and out: original databases, rows as CSV or JSON lines, whole installations as backups."""
