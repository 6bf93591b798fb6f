"""Sentences of an import for the browser's pages, where the console would name an option of its command."""

import re
from functools import partial

REMEDIES = {
    "currency": "Enter the currency below, or add a column Currency to the file.",
    "date_format": "Choose the order of the dates below.",
    "decimal": "Choose the decimal mark below, or write the number without separators.",
    "made_here": "Choose below what the file includes; the answer is remembered.",
    "lines": "Correct the file or its lines, choose other columns, or keep the totals as they are below.",
    "same": "Say below whether they are the same document.",
    "new": "If it is another document, say so below.",
    "closed": "Say below whether it is open again.",
    "email": "If it is another customer, say so below.",
    "another": "Say below whether it is the same payment.",
}
MADE_HERE_LABELS = {
    "included": "“All amounts include them”",
    "in-paid": "“All but credits include them”",
    "left-out": "“No amount includes them”",
}
OPTION = re.compile("--(?:date-format|payments-made-here)")
MAP_OPTION = re.compile(r'(?::? (?:or )?)?--map "([^"]*)="')
REPLACED = (
    (re.compile(r"say --date-format"), "choose the order of the dates below"),
    (re.compile(r" --date-format \w\w/\w\w/yyyy"), " Choose the order of the dates below"),
    (re.compile(r"import it again with --payments-made-here (included|in-paid|left-out)"), "choose {} below"),
    (re.compile(r"import it with --payments-made-here (included|in-paid|left-out)"), "choose {} below"),
    (re.compile(r"--payments-made-here (included|in-paid|left-out)"), "the answer {}"),
    (MAP_OPTION, " by choosing “Not used” for “{}” under Columns"),
    (re.compile(r"or use --map"), "or choose other columns"),
    (re.compile(r'or say which one it is: --map "[^"]*"'), "or say below which one it is"),
)


def in_browser(text: str) -> str:
    """`text` without the options of the console command."""
    for pattern, words in REPLACED:
        text = pattern.sub(partial(replacement, words), text)
    return text


def after_import(text: str) -> str:
    """The `text` of a note, without advice that is no longer possible after the import."""
    sentences = re.split(r"(?<=[.”]) (?=[A-Z])", text)
    return in_browser(" ".join(one for one in sentences if not OPTION.search(one)))


def will_be_written(new: int, changed: int, what: str) -> str:
    counts = " and ".join(f"{count:,} {word}" for count, word in ((new, "new"), (changed, "changed")) if count)
    return f"{counts} {ONE[what] if new + changed == 1 else WRITTEN[what]}"


def access_summary(counts: dict[str, int]) -> str:
    """Changes of access in words, as in "access given to 2 people, 1 role changed"."""
    return ", ".join(
        (one if counts[name] == 1 else many).format(f"{counts[name]:,}")
        for name, (one, many) in ACCESS_COUNTS.items()
        if counts.get(name)
    )


def replacement(words: str, found: re.Match[str]) -> str:
    return words.format(*(MADE_HERE_LABELS.get(word, word) for word in found.groups()))


def file_problem(text: str) -> list[str]:
    """The sentences of a FileProblem, without those about mapping, which the page says itself."""
    return [
        in_browser(line) for line in text.splitlines() if not line.startswith("If your file has them under other names")
    ]


OUTCOMES = {
    "bad": "Bad rows",
    "conflict": "In conflict",
    "new": "New",
    "changed": "Changed",
    "paid elsewhere": "Paid elsewhere",
    "vanished": "Not in the file",
    "unchanged": "Unchanged",
}
FIELDS = {
    "name": "Name",
    "email": "Email",
    "phone": "Phone",
    "address": "Address",
    "locale": "Locale",
    "tax_number": "Tax number",
    "number": "Number",
    "internal_id": "Internal ID",
    "external_id": "External ID",
    "currency": "Currency",
    "issued_on": "Date",
    "due_on": "Due date",
    "terms": "Terms",
    "po_number": "PO number",
    "memo": "Memo",
    "bill_to": "Bill to",
    "total_minor": "Total",
    "tax_minor": "Tax",
    "paid_elsewhere_minor": "Paid elsewhere",
    "credited_minor": "Credits",
    "paid_in_books_minor": "Paid in your books",
    "credited_in_books_minor": "Credited in your books",
    "open_minor": "Amount due",
    "status": "Status",
    "lines": "Lines",
    "give_access": "Give Access",
    "role": "Role",
    "notify": "Send New Access Notification Email",
    "password": "Password",
    "pdf": "PDF",
}
ACCESS_COUNTS = {
    "given": ("access given to {} person", "access given to {} people"),
    "role": ("{} role changed", "{} roles changed"),
    "taken": ("access taken from {} person", "access taken from {} people"),
    "passwords": ("{} password assigned", "{} passwords assigned"),
    "mails": ("{} notification email", "{} notification emails"),
}
WRITTEN = {"customers": "customers", "payments": "payments", "invoices": "invoices and credit memos", "PDFs": "PDFs"}
ONE = {"customers": "customer", "payments": "payment", "invoices": "invoice or credit memo", "PDFs": "PDF"}
KIND_LABELS = {
    "customer": "Customer",
    "access": "Access",
    "payment": "Payment of invoice",
    "invoice": "Invoice",
    "credit_memo": "Credit memo",
}
ANSWERS = {
    "same": "It is the same document",
    "new": "It is a different document",
    "reopen": "It is open again",
    "keep": "It stays closed",
    "email": "It is a different customer",
    "another": "It is a different payment: record it",
    "counted": "It is the same payment: leave it out",
}
ANSWERS_FOR_ALL = {
    "same": "All documents in doubt that agree in date and total are the same",
    "new": "All documents whose number another customer has are different documents",
    "reopen": "All documents that are closed here are open again",
    "keep": "All documents that are closed here stay closed",
    "email": "All new customers with the email of another customer are different customers",
    "another": "All payments in doubt are different payments: record them",
    "counted": "All payments in doubt are here already: leave them out",
}
DATES = (
    ("", "As the file says"),
    ("dd/mm/yyyy", "Day first: dd/mm/yyyy"),
    ("mm/dd/yyyy", "Month first: mm/dd/yyyy"),
)
DECIMALS = (("", "As the file says"), (".", "1,234.50"), (",", "1.234,50"))
MADE_HERE = (
    ("", "As the file says, or as answered before"),
    ("included", "All amounts include them"),
    ("in-paid", "All but credits include them"),
    ("left-out", "No amount includes them"),
)


def what_failed(state: str, found: dict) -> str:
    if state == "planned":
        return "The file was not imported. Nothing was written."
    if found.get("is_partly_undone"):
        return "A part of the import was undone, and the rest was not. Undo it again."
    if found.get("is_begun"):
        return "A part of the file was imported, and the rest was not."
    return "The import was not undone. Nothing was changed."


def left_as_they_are(found: dict) -> str:
    more = f" and {found['count'] - len(found['numbers']):,} more" if found["count"] > len(found["numbers"]) else ""
    return (
        f"Left as they are, because they were changed here since the preview: {', '.join(found['numbers'])}{more}. "
        "Upload the file again to see what it would do to them."
    )
