"""Transactions after the sale: void, settlement, refund, and what happens with time.

A record's `status` is the last one that was stored; settlement by the clock is computed on reading, so that all
processes on a store agree. Amounts are in minor units, times in milliseconds since 1970.
"""

from decimal import Decimal

from braintree_emulator import merchant_accounts
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.sandbox_rules import RESPONSE_TEXTS, Outcome, response_type
from braintree_emulator.store import random_id

AUTHORIZATION_DAYS = {"Visa": 8, "Discover": 30, "Diners Club": 30, "UnionPay": 30, "JCB": 30}  # others: 7
VOIDABLE = {"authorized", "submitted_for_settlement", "settlement_pending"}
IN_SETTLEMENT = {"submitted_for_settlement", "settling", "settlement_pending", "settlement_confirmed"}
UNSUCCESSFUL = {"processor_declined", "gateway_rejected", "failed"}


class Ledger:
    def __init__(self, emulator):
        self.emulator = emulator
        self.store = emulator.store

    def find(self, id: str) -> dict:
        """The transaction in its present state. Raises NotFound."""
        record = self.store.get("transaction", id)
        if record is None:
            raise NotFound(id)
        return self.in_present_state(record)

    def all(self, order_id: str | None = None) -> list[dict]:
        """Every transaction (of that order), oldest first, in its present state."""
        return [self.in_present_state(record) for record in self.store.all("transaction", order_id)]

    def save(self, record: dict) -> dict:
        """Store a record, inside `store.writing()`."""
        record["updated_ms"] = self.emulator.now_ms()
        self.store.put("transaction", record["id"], record, tag=record["order_id"])
        return record

    def in_present_state(self, record: dict) -> dict:
        """The record with the events that are due by now."""
        begun, after = record["submitted_ms"], self.emulator.settle_after * 1000
        now = self.emulator.now_ms()
        if record["status"] == "authorized" and now >= expires_ms(record):
            event(record, "authorization_expired", expires_ms(record), "SYSTEM")
        if begun is None:
            return record
        if record["status"] == "submitted_for_settlement" and now >= begun + after / 2:
            event(record, "settling", int(begun + after / 2), "SYSTEM")
        if record["status"] == "settling" and now >= begun + after:
            self._end_settlement(record, record["settlement"], int(begun + after))
        return record

    def _end_settlement(self, record: dict, status: str, at_ms: int) -> None:
        event(record, status, at_ms, "SYSTEM")
        code = {"settlement_declined": "4001", "settlement_pending": "4002"}.get(status, "4000")
        text = RESPONSE_TEXTS.get(code, "Confirmed")
        record["processor_settlement_response_code"] = code
        record["processor_settlement_response_text"] = text
        if status == "settled":
            record["settlement_batch_id"] = f"{at_ms // 86_400_000}_{record['currency'].lower()}"

    def void(self, id: str) -> dict:
        """Raises Invalid (91504)."""
        record = self.find(id)
        if record["status"] not in VOIDABLE:
            raise Invalid("91504")
        event(record, "voided", self.emulator.now_ms())
        record["submitted_ms"] = None
        return self.save(record)

    def submit(self, id: str, amount: str | None = None, order_id: str | None = None) -> dict:
        """Raises Invalid (91507, 91522, amount codes)."""
        record = self.find(id)
        if record["status"] != "authorized" or record["type"] != "sale":
            raise Invalid("91507")
        if amount:
            minor = parse_minor(amount, record["currency"])
            if minor > record["amount_minor"]:
                raise Invalid("91522")
            record["amount_minor"] = minor
        record["order_id"] = order_id or record["order_id"]
        self.start_settlement(record)
        return self.save(record)

    def start_settlement(self, record: dict) -> None:
        now = self.emulator.now_ms()
        event(record, "submitted_for_settlement", now)
        record["submitted_ms"] = now

    def refund(
        self, id: str, amount: str | None = None, order_id: str | None = None, declined: Outcome | None = None
    ) -> dict:
        """The credit transaction; `declined` is the outcome of its authorization, if it was not approved. Raises
        Invalid (91505, 91506, 91512, 91521, amount codes)."""
        sale = self.find(id)
        if sale["type"] == "credit":
            raise Invalid("91505")
        if sale["status"] not in ("settled", "settling"):
            raise Invalid("91506")
        left = sale["amount_minor"] - self.refunded(sale)
        minor = parse_minor(amount, sale["currency"]) if amount else left
        if left <= 0:
            raise Invalid("91512")
        if minor > left:
            raise Invalid("91521")
        now = self.emulator.now_ms()
        credit = {
            **sale,
            "id": random_id(),
            "type": "credit",
            "amount_minor": minor,
            "created_ms": now,
            "order_id": order_id,
            "refund_ids": [],
            "refunded_transaction_id": id,
            "history": [],
            "submitted_ms": None,
            "settlement": "settled",
            "settlement_batch_id": None,
            "disputes": [],
            "nonce": None,
        }
        if declined:
            credit |= authorization_of(declined.status, declined.code)
            event(credit, declined.status, now)
        else:
            self.start_settlement(credit)
        sale["refund_ids"] = [*sale["refund_ids"], credit["id"]]
        self.save(sale)
        return self.save(credit)

    def refunded(self, sale: dict) -> int:
        """The refunded amount of a sale; voided and unsuccessful refunds don't count."""
        refunds = [self.find(refund_id) for refund_id in sale["refund_ids"]]
        return sum(r["amount_minor"] for r in refunds if r["status"] not in ("voided", *UNSUCCESSFUL))

    def reverse(self, id: str) -> dict:
        return self.void(id) if self.find(id)["status"] in VOIDABLE else self.refund(id)

    def settle(self, id: str, status: str = "settled") -> dict:
        """End settlement now, with `status`; a decline may follow a settled one. Raises Invalid (91575)."""
        record = self.find(id)
        late = status == "settlement_declined" and record["status"] == "settled"
        if record["status"] not in IN_SETTLEMENT and not late:
            raise Invalid("91575")
        self._end_settlement(record, status, self.emulator.now_ms())
        record["submitted_ms"] = None
        return self.save(record)

    def move(self, id: str, status: str, detail: str | None = None) -> dict:
        """Put it into any status. `detail` is the processor response code of a decline, or the reason of a gateway
        rejection. Of these statuses, authorized and submitted_for_settlement go on with the clock."""
        record = self.find(id)
        record["submitted_ms"] = None
        record |= authorization_of(status, detail)
        if status == "submitted_for_settlement":
            self.start_settlement(record)
        else:
            event(record, status, self.emulator.now_ms(), "control panel")
        return self.save(record)


def expires_ms(record: dict) -> int:
    """When the authorization expires, if it is not submitted for settlement before."""
    return record["created_ms"] + AUTHORIZATION_DAYS.get(record["card"]["brand"], 7) * 86_400_000


def authorization_of(status: str, detail: str | None) -> dict:
    """The authorization's fields of a transaction that is put into `status`."""
    if status == "gateway_rejected":
        return {"gateway_rejection_reason": detail or "fraud"}
    if status not in ("processor_declined", "failed"):
        return {}
    code = detail or ("2000" if status == "processor_declined" else "3000")
    return {
        "processor_response_code": code,
        "processor_response_text": RESPONSE_TEXTS.get(code, "Processor Declined"),
        "processor_response_type": response_type(code),
        "processor_authorization_code": None,
    }


def event(record: dict, status: str, at_ms: int, user: str | None = None) -> None:
    """Set the status and append it to the status history."""
    record["status"] = status
    record["history"].append(
        {
            "at_ms": at_ms,
            "status": status,
            "amount_minor": record["amount_minor"],
            "user": user or "api",
            "source": "api" if user is None else "",
        }
    )


def parse_minor(amount: str, currency: str) -> int:
    minor = merchant_accounts.parse_amount(amount, merchant_accounts.find(merchant_accounts.id_for(currency)))
    if isinstance(minor, str):
        raise Invalid(minor)
    return minor


def amount_of(record: dict) -> Decimal:
    return merchant_accounts.to_decimal(record["amount_minor"], record["currency"])
