"""The database as a file: checks at start, backups, restoring one."""
