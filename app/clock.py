"""Time is handed in: `clock()` gives an aware UTC datetime, and tests hand in their own."""

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


# How far ahead of this clock a kept moment may be and still be believed: clocks are set by a little all the time.
AHEAD_MS = 5 * 60_000


def is_due(last_ms: int | None, now_ms: int, every_ms: int) -> bool:
    # A last time in the future is of a clock that has been set back since: it counts as never.
    return last_ms is None or not 0 <= now_ms - last_ms < every_ms


def format_moment(moment: datetime, time_zone: str, locale: str) -> str:
    """'22 Nov 2026, 10:42', to the minute, where the company is and as the reader writes it."""
    local = moment.astimezone(ZoneInfo(time_zone))
    hour = format_time(local, "short", locale=locale).replace("\u202f", "\xa0")  # the font has no narrow space
    return isolated_for(locale, f"{format_date(local, 'medium', locale=locale)}, {hour}")


def midnight_ms(day: date, time_zone: str) -> int:
    """When `day` begins where the company is."""
    return to_ms(datetime.combine(day, time(), ZoneInfo(time_zone)))


def today(moment: datetime, time_zone: str) -> date:
    """Where the company is: an invoice due that day is not overdue."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
