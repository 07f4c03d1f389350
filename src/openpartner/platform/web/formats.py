"""How values look to a person: amounts, dates, numbers and plurals in a locale.

Pure functions; ``pages`` hangs them on Jinja.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    format_timedelta,
    get_datetime_format,
    get_timezone_name,
)
from babel.numbers import format_currency, format_decimal, format_percent

from openpartner.platform.money import Money

DEFAULT_LOCALE = "en-US"
TEXT_LANGUAGE = "en"
"""The language the pages are written in; what a locale words otherwise is marked with ``lang``."""

ENGLISH_PLURALS: Mapping[str, str] = MappingProxyType({"y": "ies", "s": "ses", "x": "xes", "ch": "ches", "sh": "shes"})


@cache
def locale_of(tag: str) -> Locale:
    """The locale of a language tag such as ``de-CH``; the default one for a tag nobody knows."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(DEFAULT_LOCALE.replace("-", "_"))


@cache
def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name; UTC for a name nobody knows."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def money_text(money: Money, locale: Locale) -> str:
    """An amount with its currency's sign and digits: ``$1,234.50``, ``1.234,50 €``."""
    return _spaced(format_currency(money.amount, money.currency, locale=locale), money.currency)


def rate_text(rate: Decimal, currency: str, locale: Locale) -> str:
    """A unit rate with all its digits, at least the currency's: ``$0.00012``."""
    return _spaced(format_currency(rate, currency, locale=locale, decimal_quantization=False), currency)


def _spaced(text: str, currency: str) -> str:
    """Parts a code that stands for a missing sign from the digits: CLDR asks for it and Babel does not do it."""
    return re.sub(rf"(?<={currency})(?=\d)|(?<=\d)(?={currency})", "\N{NO-BREAK SPACE}", text)


def number_text(number: float | Decimal, locale: Locale) -> str:
    """A number grouped as the locale does, with the digits it has."""
    return str(format_decimal(number, locale=locale, decimal_quantization=False))


def percent_text(share: Decimal | float, locale: Locale, digits: int = 0) -> str:
    """A share of one as a percentage: 0.125 with one digit is ``12.5%``."""
    pattern = "#,##0." + "0" * digits + "%" if digits else None
    return str(format_percent(share, pattern, locale=locale))


def date_text(day: date, locale: Locale, *, style: str = "medium") -> str:
    """A day: ``Mar 31, 2026``, in one piece."""
    return unbroken(str(format_date(day, style, locale=locale)))


def month_text(month: date, locale: Locale) -> str:
    """A month of a year: ``March 2026``."""
    return str(format_skeleton("yMMMM", month, locale=locale))


def datetime_text(instant: datetime, locale: Locale, zone: tzinfo, *, seconds: bool = False) -> str:
    """An aware instant in a zone, which is named: ``Mar 31, 2026, 4:05 PM UTC``. Lines end between day and time."""
    name = "UTC" if zone is UTC else get_timezone_name(instant.astimezone(zone), width="short", locale=locale)
    day = format_date(instant.astimezone(zone), "medium", locale=locale)
    time = format_time(instant, "medium" if seconds else "short", tzinfo=zone, locale=locale)
    joint = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    return joint.replace("{1}", unbroken(day)).replace("{0}", unbroken(f"{time} {name}"))


def unbroken(text: str) -> str:
    """The text with spaces at which no line ends."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def money_words(money: Money, tag: str) -> str:
    """An amount inside a sentence, in the locale of a language tag."""
    return money_text(money, locale_of(tag))


def date_words(day: date, tag: str) -> str:
    """A day inside a sentence, in the locale of a language tag."""
    return date_text(day, locale_of(tag))


_NEAR = 0.95
"""From which share of a unit on it is named: 361 days are a year, 330 are eleven months."""


def relative_text(instant: datetime, now: datetime, locale: Locale) -> str:
    """How far from ``now``: ``in 3 days``, ``2 hours ago``."""
    return str(format_timedelta(instant - now, add_direction=True, locale=locale, threshold=_NEAR))


def plural_form(count: int, one: str, many: str | None = None) -> str:
    """The form of an English noun for a count: ``seat`` or ``seats``; ``many`` where the ending is irregular."""
    if locale_of(TEXT_LANGUAGE).plural_form(count) == "one":
        return one
    if many is not None:
        return many
    if one.endswith("y") and one[-2:-1] in "aeiou":
        return f"{one}s"
    for ending, plural in ENGLISH_PLURALS.items():
        if one.endswith(ending):
            return one.removesuffix("y") + plural if ending == "y" else one.removesuffix(ending) + plural
    return f"{one}s"


def plural_text(count: int, one: str, many: str | None, locale: Locale) -> str:
    """A count with its noun: ``1 seat``, ``1,204 seats``."""
    return f"{number_text(count, locale)} {plural_form(count, one, many)}"


def initials(name: str) -> str:
    """One or two letters that stand for a person or a company in an avatar."""
    words = [word for word in name.replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
