"""The administrator's list of customers, sorted by name, with keyset pagination.

Triggers keep each customer's access state in its row, so that filtering by state uses an index.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from peewee import fn

from app.models import undelivered
from app.models.access import Access
from app.models.base import db
from app.models.customer import Customer, Role
from app.models.user import User
from app.sort_keys import words_of

PAGE_SIZE = 25
EXPORT_BATCH = 500
NONE, INVITED, ACTIVE = 0, 1, 2
STATES = {"none": NONE, "invited": INVITED, "active": ACTIVE}
UNDELIVERED = "undelivered"
SEARCH_TEXT = "(name || ' ' || number || ' ' || email)"


@dataclass(frozen=True, slots=True)
class Listing:
    """A filter and a position in the list. `state` is a key of STATES, UNDELIVERED, or '' for all. `cursor` is the
    public id of the customer before the page or, if `backwards`, after it."""

    state: str = ""
    text: str = ""
    cursor: str = ""
    backwards: bool = False


class Row(NamedTuple):
    """A customer in the list. `people` are those with access; the person with the record's own email address is first.
    `failed` is {address: reason} for people, also invited ones, whose email was not delivered."""

    id: int
    public_id: str
    number: str
    name: str
    email: str
    state: int
    people: tuple["Person", ...] = ()
    failed: dict[str, str] = {}


class Person(NamedTuple):
    email: str
    role: str
    last_login_ms: int | None


class Page(NamedTuple):
    """The rows of a page, the number of customers in each state, and whether there are `earlier` and `later` pages.
    `undelivered` is the number of customers with a person whose email was not delivered."""

    rows: list[Row]
    counts: dict[str, int]
    earlier: bool
    later: bool
    undelivered: int


def page(listing: Listing) -> Page:
    start = Customer.get_or_none(Customer.public_id == listing.cursor) if listing.cursor else None
    backwards = listing.backwards and start is not None
    values = {"limit": PAGE_SIZE + 1, "state": STATES.get(listing.state), **search_values(listing.text)}
    values |= {"key": start.sort_key, "id": start.id} if start else {}
    found = db.execute_sql(page_sql(listing, start is not None, backwards), values).fetchall()
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if backwards:
        found.reverse()
    ids = [row[0] for row in found]
    people, failed = people_of(ids), undelivered.by_customer(ids)
    rows = [
        Row(*row, people=own_login_first(people.get(row[0], []), row[4]), failed=failed.get(row[0], {}))
        for row in found
    ]
    return Page(
        rows, counts(), *((more, True) if backwards else (start is not None, more)), undelivered.count_customers()
    )


def every(listing: Listing) -> Iterator[tuple[Row, Customer]]:
    """All customers that match the filter, with their records. The position is ignored."""
    start, more = None, True
    while more:
        values = {"limit": EXPORT_BATCH, "state": STATES.get(listing.state), **search_values(listing.text)}
        values |= {"key": start.sort_key, "id": start.id} if start else {}
        found = db.execute_sql(page_sql(listing, start is not None, False), values).fetchall()
        ids = [row[0] for row in found]
        people, records = people_of(ids), {one.id: one for one in Customer.select().where(Customer.id.in_(ids))}
        for row in found:
            yield Row(*row, people=own_login_first(people.get(row[0], []), row[4])), records[row[0]]
        start, more = records[ids[-1]] if ids else None, len(found) == EXPORT_BATCH


def search(text: str, most: int) -> list[Row]:
    """The first customers with `text` in their name, number or email address, or in those of their people. The rows
    have no people."""
    sql = page_sql(Listing(text=text), has_cursor=False, backwards=False)
    return [Row(*row) for row in db.execute_sql(sql, {**search_values(text), "limit": most}).fetchall()]


def page_sql(listing: Listing, has_cursor: bool, backwards: bool) -> str:
    way = "DESC" if backwards else "ASC"
    by_state = listing.state in STATES
    conditions = ["access_state = :state"] * by_state
    if listing.state == UNDELIVERED:
        conditions.append(f"id IN ({undelivered.CUSTOMERS})")
    if has_cursor:
        conditions.append(f"(sort_key, id) {'<' if backwards else '>'} (:key, :id)")
    if listing.text:
        conditions.append(
            f"id IN (SELECT id FROM customer {db.indexed_by('customer_search')}"
            f" WHERE {SEARCH_TEXT} {db.like} :text ESCAPE '\\'"
            f" UNION SELECT id FROM customer {db.indexed_by('customer_by_sort_key')}"
            " WHERE :words <> '' AND sort_key LIKE :words"
            " UNION SELECT a.customer_id FROM user_account u JOIN access a ON a.user_id = u.id AND a.given"
            f" WHERE (u.email || ' ' || u.name) {db.like} :text ESCAPE '\\')"
        )
    index = "" if listing.text else db.indexed_by(f"customer_by_{'state_and_' * by_state}sort_key")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT id, public_id, number, name, email, access_state FROM customer {index} {where}"
        f" ORDER BY sort_key {way}, id {way} LIMIT :limit"
    )


def counts() -> dict[str, int]:
    found = dict(db.execute_sql("SELECT access_state, count(*) FROM customer GROUP BY access_state").fetchall())
    return {name: found.get(state, 0) for name, state in STATES.items()}


def people_of(ids: list[int]) -> dict[int, list[Person]]:
    query = (
        Access.select(Access.customer, User.email, Role.name, User.last_login_ms)
        .join(User)
        .switch(Access)
        .join(Role)
        .where(Access.customer.in_(ids), Access.given)
        .order_by(Access.id)
        .tuples()
    )
    found: dict[int, list[Person]] = {}
    for customer_id, *person in query:
        found.setdefault(customer_id, []).append(Person(*person))
    return found


def own_login_first(people: list[Person], email: str) -> tuple[Person, ...]:
    return tuple(sorted(people, key=lambda person: person.email != email.strip().lower()))


def people(customer: Customer) -> list[Access]:
    """All current and former accesses to `customer`, with user and role. Current ones come first."""
    return list(
        Access.select(Access, User, Role)
        .join(User)
        .switch(Access)
        .join(Role)
        .where(Access.customer == customer)
        .order_by(Access.given.desc(), Access.id)
    )


def first_access_ids(customer: Customer) -> set[int]:
    """The ids of the accesses to `customer` whose person has no older access to another customer now. Only for those
    may colleagues see the person's name."""
    other = Access.alias()
    elsewhere = other.select(other.id).where(other.user == Access.user, other.given, other.id < Access.id)
    query = Access.select(Access.id).where(Access.customer == customer, ~fn.EXISTS(elsewhere))
    return {access_id for (access_id,) in query.tuples()}


def other_accesses(user: User, customer: Customer) -> list[Access]:
    return [access for access in Access.given_to(user) if access.customer_id != customer.id]


def with_public_ids(public_ids: list[str]) -> list[Customer]:
    return list(Customer.select().where(Customer.public_id.in_(public_ids)).order_by(Customer.sort_key, Customer.id))


def users_by_email(emails: set[str]) -> dict[str, User]:
    found: dict[str, User] = {}
    for some in batches(sorted(emails)):
        found |= {user.email: user for user in User.select().where(User.email.in_(some))}
    return found


def with_numbers(numbers: set[str]) -> dict[str, Customer]:
    found: dict[str, Customer] = {}
    for some in batches(sorted(numbers)):
        found |= {customer.number: customer for customer in Customer.select().where(Customer.number.in_(some))}
    return found


def accesses_of(user_ids: set[int]) -> dict[tuple[int, int], Access]:
    """{(customer id, user id): access}, also of revoked access, with customer, user and role."""
    query = (
        Access.select(Access, Customer, User, Role).join(Customer).switch(Access).join(User).switch(Access).join(Role)
    )
    found: dict[tuple[int, int], Access] = {}
    for some in batches(sorted(user_ids)):
        found |= {(one.customer_id, one.user.id): one for one in query.where(Access.user.in_(some))}
    return found


def batches(values: list) -> Iterator[list]:
    # Databases limit the number of parameters of a statement.
    return (values[start : start + 1_000] for start in range(0, len(values), 1_000))


def pairs_with_access(ids: list[int]) -> set[tuple[int, str]]:
    query = Access.select(Access.customer, User.email).join(User).where(Access.customer.in_(ids), Access.given)
    return set(query.tuples())


def state_of(customer: Customer) -> int:
    return db.execute_sql("SELECT access_state FROM customer WHERE id = ?", (customer.id,)).fetchone()[0]


def document_counts(customer: Customer) -> tuple[int, int]:
    return db.execute_sql(
        "SELECT (SELECT count(*) FROM invoice"
        " WHERE customer_id = :id AND kind IN ('invoice', 'credit_memo') AND is_paid IN (FALSE, TRUE)),"
        " (SELECT count(*) FROM attempt WHERE customer_id = :id)"
        " + (SELECT count(*) FROM payment_elsewhere WHERE customer_id = :id)",
        {"id": customer.id},
    ).fetchone()


def search_values(text: str) -> dict[str, str]:
    """The parameters of a search: `text` is searched in names, numbers and addresses as it was typed; `words` is
    searched in sort keys, which ignore accents and case. `words` is '' for a single letter."""
    words = words_of(text)
    return {"text": like_pattern(text), "words": f"%{words}%" if len(words) > 1 else ""}


def like_pattern(text: str) -> str:
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
