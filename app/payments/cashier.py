"""What payment services need from outside. Views and the worker pass it in; nothing below looks it up."""

from dataclasses import dataclass

from app.clock import Clock, to_ms
from app.config import Config
from app.models import Company
from app.payments.gateway.protocol import Gateway


@dataclass(frozen=True, slots=True)
class Cashier:
    gateway: Gateway
    clock: Clock
    config: Config
    company: Company

    @classmethod
    def of(cls, app, company: Company) -> "Cashier":
        return cls(app.extensions["gateway"], app.extensions["clock"], app.config["PORTAL"], company)

    def now_ms(self) -> int:
        return to_ms(self.clock())
