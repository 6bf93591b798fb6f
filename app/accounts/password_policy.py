"""What a new password has to be: the documented policies Strong, Medium and Weak, with the company's own length."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.models import Access, Company, User

ENOUGH = 7
LONGEST = 128  # NIST asks for 64 at least
LONGEST_PIECE = 30
MAX_MIN_LENGTH = 64  # characters that a company may require
LIKE_LETTERS = str.maketrans("@4310$57", "aaeiosst")
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!@#$%^&*()",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujm",
)


@dataclass(frozen=True)
class Strength:
    """A documented policy: `length` is its least, `kinds` how many of the four kinds of signs it needs."""

    words: str
    length: int
    kinds: int


STRENGTHS = {
    "strong": Strength("Strong: 10 characters, 3 of 4 kinds", 10, 3),
    "medium": Strength("Medium: 8 characters, 2 of 4 kinds", 8, 2),
    "weak": Strength("Weak: 6 characters", 6, 0),
}
KINDS = "upper case letters, lower case letters, digits, other signs"
NUMBERS = {2: "two", 3: "three"}


@dataclass(frozen=True)
class Criterion:
    """A line of the Password Criteria. `met` is None until a password is typed."""

    slug: str
    text: str
    error: str
    met: bool | None = None


@dataclass(frozen=True)
class Policy:
    """The rules for one person: `words` are those that anybody would try for them."""

    min_length: int
    words: tuple[str, ...] = ()
    kinds: int = 3

    @classmethod
    def for_person(cls, user: User, company: Company) -> "Policy":
        customers = [access.customer.name for access in Access.given_to(user)]
        names = " ".join([user.email, user.name, company.name, *customers]).lower()
        words = tuple(sorted(set(re.findall("[a-z]{4,}", names))))
        return cls(company.password_min_length, words, STRENGTHS[company.password_policy].kinds)

    @property
    def runs(self) -> tuple[str, ...]:
        """For the page, which checks while a password is typed."""
        return RUNS

    def criteria(self, password: str | None = None) -> list[Criterion]:
        """Every rule, judged for `password`, of which no more is looked at than may be used."""
        password, typed = (password or "")[: LONGEST + 1], bool(password)
        return [
            Criterion(slug, text, error, check(password) if typed else None)
            for slug, text, error, check in self._rules()
        ]

    def problem(self, password: str) -> str | None:
        """What is wrong with `password`, in the first rule's words that it breaks."""
        if len(password) > LONGEST:
            return TOO_LONG
        return next((rule.error for rule in self.criteria(password) if not rule.met), None)

    def _rules(self):
        length, needed = f"at least {self.min_length} characters", NUMBERS.get(self.kinds, "")
        rules = (
            (
                "length",
                f"{length[0].upper()}{length[1:]}",
                f"Password must be {length}",
                lambda text: self.min_length <= len(text) <= LONGEST,
            ),
            (
                "kinds",
                f"{needed.capitalize()} of these four: {KINDS}",
                f"Password must have {needed} of these: {KINDS}",
                lambda text: kinds(text) >= self.kinds,
            ),
            (
                "ascii",
                "Only letters from A to Z, digits, spaces and the signs of a US keyboard",
                "Password must have only letters from A to Z, digits, spaces and the signs of a US keyboard",
                lambda text: bool(re.fullmatch("[ -~]+", text)),
            ),
            (
                "guess",
                "Not easy to guess: no names, common words, rows of keys or repeats alone",
                "Choose a password that is harder to guess",
                lambda text: not is_common(text) and effort(text, self.words) >= min(ENOUGH, self.min_length),
            ),
        )
        return tuple(rule for rule in rules if self.kinds or rule[0] != "kinds")


TOO_LONG = f"Password must have {LONGEST} characters or fewer"
TOO_LIKE_THE_LAST = "Choose a password that is not like the last one"


def kinds(password: str) -> int:
    """How many of upper case, lower case, digit and other sign there are."""
    return sum(bool(re.search(kind, password)) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"))


def effort(password: str, words: tuple[str, ...] = ()) -> int:
    """How many things a person has to guess: a character is one, and so is a whole word, year, row or run.

    The work grows with the length of `password` alone, which is the caller's to bound.
    """
    text = re.sub(r"(.)\1{2,}", r"\1", password.lower())
    text = re.sub(r"(.{3,8}?)\1+", r"\1", text)
    known, position, things = common_words() | set(words), 0, 0
    while position < len(text):
        position += _chunk(text[position : position + LONGEST_PIECE], known)
        things += 1
    return things


def _chunk(rest: str, known: set[str] | frozenset[str]) -> int:
    """The length of the longest guessable piece that `rest` starts with; 1 when there is none."""
    spoken = rest.translate(LIKE_LETTERS)
    for length in range(len(rest), 2, -1):
        piece = rest[:length]
        if piece in known or spoken[:length] in known or piece in run_pieces():
            return length
        if length == 4 and re.fullmatch("(19|20)[0-9]{2}", piece):
            return length
    return 1


def is_common(password: str) -> bool:
    """Whether it is one of the commonest passwords, also with signs in the place of letters."""
    text = password.lower()
    return text in common_passwords() or text.translate(LIKE_LETTERS) in common_passwords()


@lru_cache(1)
def common_words() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("common_words.txt").read_text().split())


@lru_cache(1)
def common_passwords() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@lru_cache(1)
def run_pieces() -> frozenset[str]:
    """Three or more neighbors of a row of keys or of the alphabet, forwards and backwards."""
    rows = [row for run in RUNS for row in (run, run[::-1])]
    return frozenset(row[start:end] for row in rows for end in range(3, len(row) + 1) for start in range(end - 2))


def neighbours(password: str) -> list[str]:
    """The password itself, and what it was before a number in it was incremented: each costs a hash to check."""
    match = re.search("([0-9]{1,9})$", password)
    if not match:
        return [password]
    stem, number = password[: match.start()], match[1]
    counted = (int(number) - 1, int(number) + 1)
    return [password] + [f"{stem}{n:0{len(number)}d}" for n in counted if n >= 0]


def alike(one: str, other: str) -> bool:
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
