"""What a new password has to be: the documented policies Strong, Medium and Weak, with the company's own length.

How easy a password is to guess, zxcvbn estimates. A policy asks for a tenth of the guesses that random characters of
its own length take, each of which zxcvbn counts as ten: Strong for 10**9, Medium for 10**7, Weak for 10**5. So random
characters pass; a name with a separator, a year and a symbol fails, although it reaches zxcvbn's score 3, which
begins at 10**8. No policy accepts one of the 40,000 commonest passwords: zxcvbn's 30,000 take fewer guesses than that,
and those that only our list has (common_passwords/) are refused by it.
"""

import re
from dataclasses import dataclass
from functools import cache
from threading import Lock

from app.accounts.common_passwords import is_common
from app.models import Access, Company, User

LONGEST = 128  # NIST asks for 64 at least
LONGEST_ESTIMATED = 72  # zxcvbn's own limit: its work grows faster than the length
MAX_MIN_LENGTH = 64  # characters that a company may require
KINDS = "uppercase letters, lowercase letters, digits, symbols"
NUMBERS = {2: "two", 3: "three"}
TOO_LONG = f"Password must have {LONGEST} characters or fewer"
TOO_SIMILAR = "Choose a password that is less similar to the last one"
COMMON = "This is one of the commonest passwords. Choose one that only you would think of"
ASCII = "only unaccented letters, digits, spaces and common symbols"
PRODUCT = ("customer center", "invoice", "payment", "portal", *(str(year) for year in range(2020, 2040)))


@dataclass(frozen=True)
class Strength:
    """A documented policy: `kinds` is how many of the four kinds of characters it needs."""

    label: str
    length: int
    kinds: int

    @property
    def guesses(self) -> int:
        return 10 ** (self.length - 1)


STRENGTHS = {
    "strong": Strength("Strong: 10 characters, 3 of 4 kinds", 10, 3),
    "medium": Strength("Medium: 8 characters, 2 of 4 kinds", 8, 2),
    "weak": Strength("Weak: 6 characters", 6, 0),
}


@dataclass(frozen=True)
class Criterion:
    """A line of the Password Criteria. `met` is None until a password is typed."""

    slug: str
    text: str
    error: str
    met: bool | None = None


@dataclass(frozen=True)
class Policy:
    """The rules for one person: `phrases` are their names, as one would try them as their password."""

    min_length: int
    phrases: tuple[str, ...] = ()
    strength: Strength = STRENGTHS["strong"]

    @classmethod
    def for_person(cls, user: User, company: Company, *names: str) -> "Policy":
        customers = [access.customer.name for access in Access.given_to(user).limit(10)]
        phrases = phrases_of(user.email, user.name, company.name, *names, *customers, *PRODUCT)
        return cls(company.password_min_length, phrases, STRENGTHS[company.password_policy])

    def criteria(self, password: str | None = None) -> list[Criterion]:
        typed = (password or "")[: LONGEST + 1]
        return [
            Criterion(slug, text, error, check(typed) if typed else None) for slug, text, error, check in self._rules()
        ]

    def problem(self, password: str) -> str | None:
        """The error of the first rule that `password` breaks, or that it is common, whatever else is wrong with it."""
        if len(password) > LONGEST:
            return TOO_LONG
        if is_common(password):
            return COMMON
        return next((rule.error for rule in self.criteria(password) if not rule.met), None)

    def _rules(self):
        length, needed = f"at least {self.min_length} characters", NUMBERS.get(self.strength.kinds, "")
        rules = (
            (
                "length",
                length.capitalize(),
                f"Password must be {length}",
                lambda text: self.min_length <= len(text) <= LONGEST,
            ),
            (
                "kinds",
                f"{needed.capitalize()} of these four: {KINDS}",
                f"Password must have {needed} of these: {KINDS}",
                lambda text: kinds(text) >= self.strength.kinds,
            ),
            (
                "ascii",
                ASCII.capitalize(),
                f"Password must have {ASCII}",
                lambda text: bool(re.fullmatch("[ -~]+", text)),
            ),
            (
                "guess",
                "Hard to guess: no names, common words, keyboard rows or repeated characters alone",
                "Choose a password that is harder to guess",
                lambda text: not is_common(text) and guesses(text, self.phrases) >= self.strength.guesses,
            ),
        )
        return tuple(rule for rule in rules if self.strength.kinds or rule[0] != "kinds")


def kinds(password: str) -> int:
    return sum(bool(re.search(kind, password)) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"))


def phrases_of(*names: str) -> tuple[str, ...]:
    """The words of each name alone and in a row, joined as passwords are: harbor, harborpine, harbor-pine …"""
    phrases = {}
    for name in names:
        words = re.findall(r"\w+", name.lower()[:100])[:6]
        rows = [words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        phrases |= {separator.join(row): True for row in rows for separator in ("", " ", ".", "-", "_", "&", " & ")}
    return tuple(phrases)


_one_at_a_time = Lock()  # zxcvbn keeps the phrases of a call in a dictionary of its module


def guesses(password: str, phrases: tuple[str, ...] = ()) -> int:
    """How many guesses zxcvbn thinks the first characters of `password`, which isn't empty, would take."""
    with _one_at_a_time:
        return int(_zxcvbn()(password[:LONGEST_ESTIMATED], user_inputs=phrases)["guesses"])


@cache
def _zxcvbn():
    # Imported for the first password: its lists of words take 60 ms and 14 MB.
    from zxcvbn import matching, zxcvbn

    # It tries every combination of letters that symbols may mean: of 72 symbols for twelve seconds. So each rare symbol
    # means one letter, and each letter is meant by two symbols at most.
    matching.L33T_TABLE.update(c=["("], g=["9"], i=["1", "!"], l=["1"], t=["7"])
    return zxcvbn


def increment_variants(password: str) -> list[str]:
    """The password itself, and what it was before a number in it was incremented: each costs a hash to check."""
    match = re.search("([0-9]{1,9})$", password)
    if not match:
        return [password]
    stem, number = password[: match.start()], match[1]
    counted = (int(number) - 1, int(number) + 1)
    return [password] + [f"{stem}{n:0{len(number)}d}" for n in counted if n >= 0]


def within_one_edit(one: str, other: str) -> bool:
    """At most one character added, left out or changed, upper and lower case taken as one."""
    one, other = sorted((one.lower(), other.lower()), key=len)
    if len(other) - len(one) > 1:
        return False
    same = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return one[same + (len(one) == len(other)) :] == other[same + 1 :]


def parse_strength(text: str) -> str:
    """A key of STRENGTHS. Raises ValueError with a message."""
    if text not in STRENGTHS:
        raise ValueError("Choose Strong, Medium or Weak")
    return text


def parse_min_length(text: str, strength: str = "weak") -> int:
    """Raises ValueError with a message for what is no length, or a shorter one than `strength` allows."""
    least = STRENGTHS[strength].length if strength in STRENGTHS else 6
    if not re.fullmatch("[0-9]{1,4}", text.strip(), re.ASCII) or not least <= int(text) <= MAX_MIN_LENGTH:
        raise ValueError(f"Enter a whole number from {least} to {MAX_MIN_LENGTH}, as the password policy needs it")
    return int(text)
