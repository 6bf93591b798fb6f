"""Checks that a database is this portal's, that this code can use its version, and that its passwords were made with
this key."""

from types import ModuleType

from app.config import Config
from app.database.facts import known_migrations
from app.models import Deployment
from app.storage.errors import Unusable


def check_schema(module: ModuleType, connection, where: str) -> bool:
    """True if there is a schema. `module` is the database's module, `connection` its driver's connection. Raises
    Unusable."""
    if not module.has_table(connection, "schema_migration"):
        if module.has_tables(connection):
            raise Unusable(f"{where} is the database of another program. Check DATABASE_URL and INSTANCE_PATH.")
        return False
    applied = {name for (name,) in connection.execute("SELECT name FROM schema_migration").fetchall()}
    if newer := sorted(applied - known_migrations()):
        raise Unusable(
            f"{where} comes from a newer version of the portal (it has {newer[-1]}). Upgrade the portal, or "
            "restore the backup that was made before the upgrade: flask restore FILE."
        )
    return True


def check_key(config: Config) -> None:
    if not Deployment.accepts(config.keys):
        raise Unusable(
            f"The secret key is not the one that the passwords in {config.database_name} were made with. Put the right "
            f"secret_key back into {config.instance}, or set SECRET_KEY: every host of a portal has the same. If you "
            "have replaced it, set SECRET_KEY_FALLBACKS to the one before. If it is lost: flask accept-secret-key, and "
            "everyone needs a new password."
        )
