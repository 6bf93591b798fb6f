"""Taking customers in from a file: new ones are made, known ones are brought up to date."""

from app.imports.staging import Waiting, names, public_ids, run

DETAILS = ("name", "email", "phone", "address", "locale")


class CustomerIntake:
    """Customers of a file, matched by number. `columns` are the DETAILS that the file has.

    What the file doesn't have stays as it is.
    """

    def __init__(self, columns: tuple[str, ...]):
        self.columns = columns
        self.waiting = Waiting(
            "staged_customer",
            {
                "row": "INTEGER",
                "number": "TEXT",
                **dict.fromkeys(DETAILS, "TEXT"),
                "public_id": "TEXT",
                "state": "INTEGER NOT NULL DEFAULT 0",
            },
        )
        self.ids = []

    def add(self, row: int, number: str, details: tuple[str, ...]) -> None:
        """`details` are the DETAILS in their order."""
        self.ids = self.ids or public_ids(1_000)
        self.waiting.add((row, number, *details, self.ids.pop()))

    def finish(self) -> None:
        self.waiting.flush()
        run("CREATE INDEX staging.staged_customer_number ON staged_customer (number, row)")

    def contradictions(self):
        """(row, number, first row) of customers that come twice with different details."""
        return run(f"""
            SELECT d.row, d.number, f.row FROM staged_customer d
            JOIN (SELECT number, MIN(row) AS row FROM staged_customer GROUP BY number HAVING COUNT(*) > 1) g
                ON g.number = d.number AND g.row < d.row
            JOIN staged_customer f ON f.number = g.number AND f.row = g.row
            WHERE ({names(DETAILS, "d.")}) <> ({names(DETAILS, "f.")}) ORDER BY d.row""")

    def with_known_email(self):
        """(row, number, name, email, name and number of another customer with that email) of new customers. The other
        one is not in the file: it may be the same customer under another name or number."""
        new = "NOT EXISTS (SELECT 1 FROM customer c WHERE c.number = d.number)"
        # One of those that share an email is enough, so that this stays linear.
        return run(f"""
            WITH new AS (SELECT MIN(d.row) AS row, d.number, d.name, d.email FROM staged_customer d
                WHERE d.email <> '' AND {new} GROUP BY d.number),
            other AS (SELECT c.email, MIN(c.id) AS id FROM customer c WHERE c.email IN (SELECT email FROM new)
                AND NOT EXISTS (SELECT 1 FROM staged_customer f WHERE f.number = c.number) GROUP BY c.email)
            SELECT n.row, n.number, n.name, n.email, c.name, c.number FROM new n
            JOIN other o ON o.email = n.email JOIN customer c ON c.id = o.id ORDER BY n.row""")

    def take_in(self) -> tuple[int, int, int]:
        """Write them, in the caller's transaction: how many are new, changed and unchanged."""
        run(
            "DELETE FROM staged_customer WHERE EXISTS (SELECT 1 FROM staged_customer f"
            " WHERE f.number = staged_customer.number AND f.row < staged_customer.row)"
        )
        differs = f"({names(self.columns, 'c.')}) <> ({names(self.columns, 'staged_customer.')})"
        run(f"""
            UPDATE staged_customer SET state = CASE
                WHEN NOT EXISTS (SELECT 1 FROM customer c WHERE c.number = staged_customer.number) THEN 1
                WHEN EXISTS (SELECT 1 FROM customer c WHERE c.number = staged_customer.number AND {differs}) THEN 2
                ELSE 0 END""")
        counts = dict(run("SELECT state, COUNT(*) FROM staged_customer GROUP BY state").fetchall())
        run(f"""
            INSERT INTO customer (public_id, number, version, access_state, {names(DETAILS)})
            SELECT public_id, number, 1, 0, {names(DETAILS)} FROM staged_customer WHERE state = 1 ORDER BY row""")
        run(f"""
            UPDATE customer SET version = customer.version + 1, {", ".join(f"{c} = d.{c}" for c in self.columns)}
            FROM staged_customer d WHERE d.number = customer.number AND d.state = 2""")
        return counts.get(1, 0), counts.get(2, 0), counts.get(0, 0)

    def make_missing(self) -> list[str]:
        """Make those whose number is unknown, and leave the others alone: the names of those that were made."""
        missing = "NOT EXISTS (SELECT 1 FROM customer c WHERE c.number = staged_customer.number)"
        made = [name for (name,) in run(f"SELECT name FROM staged_customer WHERE {missing} ORDER BY row")]
        if made:
            run(f"""
                INSERT INTO customer (public_id, number, version, access_state, {names(DETAILS)})
                SELECT public_id, number, 1, 0, {names(DETAILS)} FROM staged_customer WHERE {missing} ORDER BY row""")
        return made
