"""Time. Code gets a `clock`, a function that returns an aware UTC datetime; tests pass their own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from app.bidi import isolated_for

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


# A stored moment may be this far in the future, because clocks are adjusted by small amounts all the time.
AHEAD_MS = 5 * 60_000


def is_due(last_ms: int | None, now_ms: int, every_ms: int) -> bool:
    # If the last time is in the future, the clock was set back. Then it counts as never.
    return last_ms is None or not 0 <= now_ms - last_ms < every_ms


def format_moment(moment: datetime, time_zone: str, locale: str) -> str:
    """'22 Nov 2026, 10:42', in the company's time zone and the reader's locale."""
    local = moment.astimezone(ZoneInfo(time_zone))
    hour = format_time(local, "short", locale=locale).replace("\u202f", "\xa0")  # the font lacks the narrow space
    return isolated_for(locale, f"{format_date(local, 'medium', locale=locale)}, {hour}")


def midnight_ms(day: date, time_zone: str) -> int:
    """When `day` begins in the company's time zone."""
    return to_ms(datetime.combine(day, time(), ZoneInfo(time_zone)))


def today(moment: datetime, time_zone: str) -> date:
    """Today in the company's time zone. An invoice that is due today is not overdue."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
