"""E-invoices in CII, the syntax of Factur-X, ZUGFeRD 2 and XRechnung."""

import re
from collections.abc import Iterator
from decimal import Decimal

from app.imports.einvoice_document import EInvoice, EInvoiceLine, Reader, address, joined

CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"


class CiiReader(Reader):
    def document(self) -> EInvoice:
        deal, settlement = "SupplyChainTradeTransaction", "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
        agreement = f"{deal}/ApplicableHeaderTradeAgreement"
        party, sums = f"{agreement}/BuyerTradeParty", f"{settlement}/SpecifiedTradeSettlementHeaderMonetarySummation"
        currency, prepaid = self.text(f"{settlement}/InvoiceCurrencyCode"), self.amount(f"{sums}/TotalPrepaidAmount")
        rounding, place = self.amount(f"{sums}/RoundingAmount"), f"{party}/PostalTradeAddress"
        terms = f"{settlement}/SpecifiedTradePaymentTerms"
        return EInvoice(
            self.name,
            self.kind(self.text("ExchangedDocument/TypeCode")),
            self.text("ExchangedDocument/ID"),
            self.text(f"{party}/ID"),
            self.text(f"{party}/Name"),
            self.date("ExchangedDocument/IssueDateTime/DateTimeString"),
            self.date(f"{terms}/DueDateDateTime/DateTimeString"),
            currency,
            self.text(f"{agreement}/BuyerOrderReferencedDocument/IssuerAssignedID")
            or self.text(f"{agreement}/BuyerReference"),
            self.text(f"{terms}/Description"),
            "\n".join((each.text or "").strip() for each in self.all("ExchangedDocument/IncludedNote/Content")),
            address(
                self.text(f"{party}/Name"),
                *(self.text(f"{place}/{line}") for line in ("LineOne", "LineTwo", "LineThree")),
                joined(self.text(f"{place}/PostcodeCode"), self.text(f"{place}/CityName"), by=" "),
                self.text(f"{place}/CountryID"),
            ),
            self.total(
                self.number(f"{sums}/GrandTotalAmount"), rounding, prepaid, self.number(f"{sums}/DuePayableAmount")
            ),
            self.tax(sums, currency),
            prepaid,
            list(self.lines(deal)),
            [*self.allowances_and_charges(settlement), EInvoiceLine("Rounding", rounding)],
        )

    def date(self, path: str) -> str:
        text = self.text(path)
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if re.fullmatch(r"\d{8}", text, re.ASCII) else text[:10]

    def tax(self, sums: str, currency: str) -> Decimal | None:
        amounts = [e for e in self.all(f"{sums}/TaxTotalAmount") if e.get("currencyID", currency) == currency]
        return self.decimal((amounts[0].text or "").strip(), "TaxTotalAmount") if amounts else None

    def lines(self, deal: str) -> Iterator[EInvoiceLine]:
        for line in self.all(f"{deal}/IncludedSupplyChainTradeLineItem"):
            price = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice"
            amount = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"
            if not self.text(amount, line):
                continue  # a line that only says something
            product = "SpecifiedTradeProduct"
            yield EInvoiceLine(
                joined(self.text(f"{product}/Name", line), self.text(f"{product}/Description", line)),
                self.amount(amount, line),
                self.number("SpecifiedLineTradeDelivery/BilledQuantity", line),
                self.price(self.number(f"{price}/ChargeAmount", line), self.number(f"{price}/BasisQuantity", line)),
            )

    def allowances_and_charges(self, settlement: str) -> Iterator[EInvoiceLine]:
        for each in self.all(f"{settlement}/SpecifiedTradeAllowanceCharge"):
            is_charge = self.text("ChargeIndicator/Indicator", each).casefold() in ("true", "1")
            text = self.text("Reason", each) or ("Charge" if is_charge else "Discount")
            yield EInvoiceLine(text, self.amount("ActualAmount", each) * (1 if is_charge else -1))
        for each in self.all(f"{settlement}/SpecifiedLogisticsServiceCharge"):
            yield EInvoiceLine(self.text("Description", each) or "Charge", self.amount("AppliedAmount", each))
