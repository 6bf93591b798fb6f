"""Where the data is: checks at start, backups, restoring one, moving to another database."""
