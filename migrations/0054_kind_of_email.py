"""Emails about transactions that were not made here have a kind that says so. Their keys stay: the release before looks
emails up by them, and nothing by the kind."""


def up(migrator, db):
    db.execute_sql("UPDATE outbox SET kind = 'not_made_here' WHERE kind = 'strangers'")
