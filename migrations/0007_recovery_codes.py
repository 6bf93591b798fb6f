"""Recovery codes are hashed slowly: the first letters, in clear, find the one hash that a code is compared with."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("recovery_code", "label", CharField(null=True)))
