"""What a new password has to be: the documented policies Strong, Medium and Weak, with the company's own length."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.models import Access, Company, User

ENOUGH = 7
LIKE_LETTERS = str.maketrans("@4310$57", "aaeiosst")
RUNS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl",
    "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "!@#$%^&*()", "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujm",
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
    """A line of the Password Criteria. `met` is None until somebody has typed a password."""

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
        """For the page, which judges while somebody types."""
        return RUNS

    def criteria(self, password: str | None = None) -> list[Criterion]:
        """Every rule, judged for `password`."""
        typed = bool(password)
        return [
            Criterion(slug, text, error, check(password) if typed else None)
            for slug, text, error, check in self._rules()
        ]

    def problem(self, password: str) -> str | None:
        """What is wrong with `password`, in the first rule's words that it breaks."""
        return next((rule.error for rule in self.criteria(password) if not rule.met), None)

    def _rules(self):
        length, needed = f"at least {self.min_length} characters", NUMBERS.get(self.kinds, "")
        rules = (
            ("length", f"{length[0].upper()}{length[1:]}", f"Password must be {length}",
             lambda text: len(text) >= self.min_length),
            ("kinds", f"{needed.capitalize()} of these four: {KINDS}", f"Password must have {needed} of these: {KINDS}",
             lambda text: kinds(text) >= self.kinds),
            ("ascii", "Only letters from A to Z, digits, spaces and the signs of a US keyboard",
             "Password must have only letters from A to Z, digits, spaces and the signs of a US keyboard",
             lambda text: bool(re.fullmatch("[ -~]{1,1000}", text))),
            ("guess", "Not easy to guess: no names, common words, rows of keys or repeats alone",
             "Choose a password that is harder to guess",
             lambda text: len(text) > 1000 or effort(text, self.words) >= min(ENOUGH, self.min_length)),
        )
        return tuple(rule for rule in rules if self.kinds or rule[0] != "kinds")


TOO_LIKE_THE_LAST = "Choose a password that is not like the last one"


def kinds(password: str) -> int:
    """How many of upper case, lower case, digit and other sign there are."""
    return sum(bool(re.search(kind, password)) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"))


def effort(password: str, words: tuple[str, ...] = ()) -> int:
    """How many things somebody has to guess: a character is one, and so is a whole word, year, row or run."""
    text = re.sub(r"(.)\1{2,}", r"\1", password.lower())
    text = re.sub(r"(.{3,8}?)\1+", r"\1", text)
    position = things = 0
    while position < len(text):
        position += _chunk(text, position, words)
        things += 1
    return things


def _chunk(text: str, position: int, words: tuple[str, ...]) -> int:
    """The length of the longest guessable piece that starts at `position`; 1 when there is none."""
    rest = text[position : position + 30]
    spoken = rest.translate(LIKE_LETTERS)
    known = (*words, *common_words())
    found = [len(word) for word in known if spoken.startswith(word) or rest.startswith(word)]
    found += [4] if re.match("(19|20)[0-9]{2}", rest) else []
    for run in RUNS:
        found += [n for n in range(3, len(rest) + 1) if rest[:n] in run or rest[:n] in run[::-1]]
    return max(found, default=1)


@lru_cache(1)
def common_words() -> tuple[str, ...]:
    return tuple(Path(__file__).with_name("common_words.txt").read_text().split())


def neighbours(password: str) -> list[str]:
    """The password itself, and what it was if somebody only counted on: each costs a hash to check."""
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
