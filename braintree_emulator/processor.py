"""What processors say: response codes, their texts, and which of them are final for a card."""

TEXTS = {
    "1000": "Approved",
    "2000": "Do Not Honor",
    "2001": "Insufficient Funds",
    "2002": "Limit Exceeded",
    "2003": "Cardholder's Activity Limit Exceeded",
    "2004": "Expired Card",
    "2005": "Invalid Credit Card Number",
    "2006": "Invalid Expiration Date",
    "2007": "No Account",
    "2008": "Card Account Length Error",
    "2009": "No Such Issuer",
    "2010": "Card Issuer Declined CVV",
    "2011": "Voice Authorization Required",
    "2012": "Processor Declined - Possible Lost Card",
    "2013": "Processor Declined - Possible Stolen Card",
    "2014": "Processor Declined - Fraud Suspected",
    "2015": "Transaction Not Allowed",
    "2016": "Duplicate Transaction",
    "2017": "Cardholder Stopped Billing",
    "2018": "Cardholder Stopped All Billing",
    "2019": "Invalid Transaction",
    "2020": "Violation",
    "2021": "Security Violation",
    "2022": "Declined - Updated Cardholder Available",
    "2024": "Card Type Not Enabled",
    "2038": "Processor Declined",
    "2046": "Declined",
    "2047": "Call Issuer. Pick Up Card.",
    "2057": "Issuer or Cardholder has put a restriction on the card.",
    "2099": "Cardholder Authentication Required",
    "3000": "Processor Network Unavailable - Try Again",
    "4001": "Settlement Declined",
    "4002": "Settlement Pending",
}
HARD = {
    "2004",
    "2005",
    "2006",
    "2007",
    "2008",
    "2009",
    "2012",
    "2013",
    "2014",
    "2015",
    "2017",
    "2018",
    "2019",
    "2020",
    "2022",
    "2047",
    "2057",
}


def kind_of(code: str | None) -> str | None:
    """processor-response-type."""
    if code is None:
        return None
    return "approved" if code == "1000" else "hard_declined" if code in HARD else "soft_declined"
