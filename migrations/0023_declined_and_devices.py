"""When a person declined an invitation, and on which device they logged in."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE access ADD COLUMN declined_ms INTEGER")
    db.execute_sql("ALTER TABLE session ADD COLUMN device VARCHAR(60) NOT NULL DEFAULT ''")
