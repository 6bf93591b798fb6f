"""Rules for new passwords: the documented policies Strong, Medium and Weak, with the company's own minimum length.

zxcvbn estimates how many guesses a password takes. It counts ten per random character. Each policy requires a tenth
of the guesses for random characters of its minimum length: Strong 10**9, Medium 10**7, Weak 10**5. So random
characters pass. A name with a separator, a year and a symbol fails Strong, although it reaches zxcvbn's score 3,
which begins at 10**8. No policy accepts one of the 40,000 most common passwords: the 30,000 that zxcvbn knows take
too few guesses, and our own list (common_passwords/) has the others.
"""

import re
from dataclasses import dataclass
from functools import cache
from threading import Lock

from app.accounts.common_passwords import is_common
from app.models import Access, Company, User

LONGEST = 128  # NIST requires at least 64
LONGEST_ESTIMATED = 72  # zxcvbn's own limit: its work grows faster than the length
MAX_MIN_LENGTH = 64  # the largest minimum length that a company may set
KINDS = "uppercase letters, lowercase letters, digits, symbols"
NUMBERS = {2: "two", 3: "three"}
TOO_LONG = f"Password must have {LONGEST} characters or fewer"
TOO_SIMILAR = "Choose a password that is less similar to the last one"
COMMON = "This is one of the commonest passwords. Choose one that only you would think of"
ASCII = "only unaccented letters, digits, spaces and common symbols"
PRODUCT = ("customer center", "invoice", "payment", "portal", *(str(year) for year in range(2020, 2040)))


@dataclass(frozen=True)
class Strength:
    """A documented policy. `kinds` is how many of the four kinds of characters a password must have."""

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
    """The rules for one person. `phrases` are likely passwords made from their names."""

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
        """The error to show: too long, too common, or the first rule that `password` breaks. None if it is accepted."""
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
    """The words of each name, alone and joined as in passwords: harbor, harborpine, harbor-pine …"""
    phrases = {}
    for name in names:
        words = re.findall(r"\w+", name.lower()[:100])[:6]
        rows = [words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        phrases |= {separator.join(row): True for row in rows for separator in ("", " ", ".", "-", "_", "&", " & ")}
    return tuple(phrases)


_one_at_a_time = Lock()  # zxcvbn stores the phrases of a call in a module-level dictionary


def guesses(password: str, phrases: tuple[str, ...] = ()) -> int:
    """zxcvbn's estimate for the first LONGEST_ESTIMATED characters of `password`, which must not be empty."""
    with _one_at_a_time:
        return int(_zxcvbn()(password[:LONGEST_ESTIMATED], user_inputs=phrases)["guesses"])


@cache
def _zxcvbn():
    # Imported for the first password, because its word lists take 60 ms and 14 MB.
    from zxcvbn import matching, zxcvbn

    # It tries every combination of letters that symbols may stand for, which takes twelve seconds for 72 symbols. So
    # each rare symbol stands for one letter, and at most two symbols stand for the same letter.
    matching.L33T_TABLE.update(c=["("], g=["9"], i=["1", "!"], l=["1"], t=["7"])
    return zxcvbn


def increment_variants(password: str) -> list[str]:
    """The password itself, and its variants with a number decremented. Checking each costs a hash."""
    match = re.search("([0-9]{1,9})$", password)
    if not match:
        return [password]
    stem, number = password[: match.start()], match[1]
    counted = (int(number) - 1, int(number) + 1)
    return [password] + [f"{stem}{n:0{len(number)}d}" for n in counted if n >= 0]


def within_one_edit(one: str, other: str) -> bool:
    """True if at most one character was added, removed or changed. Case is ignored."""
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
    """Raises ValueError with a message for text that is not a length, or a length below the minimum of `strength`."""
    least = STRENGTHS[strength].length if strength in STRENGTHS else 6
    if not re.fullmatch("[0-9]{1,4}", text.strip(), re.ASCII) or not least <= int(text) <= MAX_MIN_LENGTH:
        raise ValueError(f"Enter a whole number from {least} to {MAX_MIN_LENGTH}, as the password policy needs it")
    return int(text)
