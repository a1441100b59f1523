"""Cron expressions: five fields, in a time zone, with its daylight saving."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.catalog.cron import next_due
from app.core import errors


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text, zone, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def series(expression, zone, *, after, number):
    instants = []
    for _ in range(number):
        after = next_due(expression, zone, after=after)
        instants.append(after)
    return instants


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("*/5 * * * *", "2026-03-01 10:02:00", "2026-03-01 10:05:00"),
        ("*/5 * * * *", "2026-03-01 10:05:00", "2026-03-01 10:10:00"),
        ("*/5 * * * *", "2026-03-01 10:04:59.999999", "2026-03-01 10:05:00"),
        ("* * * * *", "2026-12-31 23:59:30", "2027-01-01 00:00:00"),
        ("0 0 * * *", "2026-03-01 00:00:00", "2026-03-02 00:00:00"),
        ("15,45 8-10/2 * * *", "2026-03-01 08:50:00", "2026-03-01 10:15:00"),
        ("0 9 * * MON-FRI", "2026-03-06 12:00:00", "2026-03-09 09:00:00"),
        ("0 9 * * 7", "2026-03-06 12:00:00", "2026-03-08 09:00:00"),
        ("0 9 * * sun", "2026-03-06 12:00:00", "2026-03-08 09:00:00"),
        ("0 0 1 jan *", "2026-03-06 12:00:00", "2027-01-01 00:00:00"),
        ("  0   0 1  1 * ", "2026-03-06 12:00:00", "2027-01-01 00:00:00"),
        ("0 0 13 * FRI", "2026-03-14 00:00:00", "2026-03-20 00:00:00"),
    ],
)
def test_the_next_instant_is_the_first_one_after(expression, after, due):
    assert next_due(expression, "UTC", after=utc(after)) == utc(due)


def test_the_answer_is_in_utc_whatever_zone_the_question_is_in():
    after = datetime(2026, 7, 1, 12, 0, tzinfo=ZoneInfo("America/New_York"))

    due = next_due("0 9 * * *", "Asia/Tokyo", after=after)

    assert due == utc("2026-07-02 00:00:00")
    assert due.utcoffset() == timedelta(0)


def test_a_zone_with_an_odd_offset_is_understood():
    due = next_due("0 0 * * *", "Asia/Kathmandu", after=utc("2026-05-01 12:00:00"))

    assert due == utc("2026-05-01 18:15:00")


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-01-31 00:00:00", "2026-03-31 00:00:00"),
        ("2026-03-31 00:00:00", "2026-05-31 00:00:00"),
        ("2026-11-30 12:00:00", "2026-12-31 00:00:00"),
    ],
)
def test_a_month_without_the_day_is_passed_over(after, due):
    assert next_due("0 0 31 * *", "UTC", after=utc(after)) == utc(due)


def test_the_last_day_of_a_month_has_a_letter():
    instants = series("0 0 L * *", "UTC", after=utc("2027-12-31 12:00:00"), number=3)

    assert [instant.date().isoformat() for instant in instants] == ["2028-01-31", "2028-02-29", "2028-03-31"]


def test_the_leap_day_comes_every_four_years_and_not_in_2100():
    instants = series("0 0 29 2 *", "UTC", after=utc("2091-01-01 00:00:00"), number=3)

    assert [instant.year for instant in instants] == [2092, 2096, 2104]


def test_a_time_that_the_clock_skips_comes_right_after_the_gap():
    # In Berlin, 2026-03-29 has no 02:30.
    instants = series("30 2 * * *", "Europe/Berlin", after=local("2026-03-28 12:00", "Europe/Berlin"), number=2)

    assert instants == [local("2026-03-29 03:00", "Europe/Berlin"), local("2026-03-30 02:30", "Europe/Berlin")]


def test_a_time_that_the_clock_shows_twice_comes_once():
    # In Berlin, 2026-10-25 has 02:30 twice.
    instants = series("30 2 * * *", "Europe/Berlin", after=local("2026-10-24 12:00", "Europe/Berlin"), number=2)

    assert instants == [local("2026-10-25 02:30", "Europe/Berlin"), local("2026-10-26 02:30", "Europe/Berlin")]


def test_during_the_second_pass_of_an_hour_its_first_pass_is_over():
    after = local("2026-10-25 02:15", "Europe/Berlin", fold=1)

    due = next_due("30 2 * * *", "Europe/Berlin", after=after)

    assert due == local("2026-10-26 02:30", "Europe/Berlin")


def test_every_quarter_of_an_hour_goes_on_through_both_changes():
    for day in ("2026-03-29 00:30", "2026-10-25 00:30"):
        start = local(day, "Europe/Berlin")
        instants = series("*/15 * * * *", "Europe/Berlin", after=start, number=16)
        assert instants == [start + timedelta(minutes=15) * place for place in range(1, 17)]


def test_noon_stays_noon_when_the_clocks_change():
    instants = series("0 12 * * *", "America/New_York", after=utc("2026-03-06 20:00:00"), number=4)

    assert [instant.hour for instant in instants] == [17, 16, 16, 16]
    assert {instant.astimezone(ZoneInfo("America/New_York")).hour for instant in instants} == {12}


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Europe/Dublin"])
@pytest.mark.parametrize(
    "expression", ["*/20 * * * *", "0 0 * * *", "30 1-3 * * *", "0,30 0 * * *", "45 */2 * * *"]
)
def test_instants_only_ever_go_forward(zone, expression):
    start = utc("2026-01-01 00:00:00")
    moments = [start + timedelta(hours=7, minutes=13) * place for place in range(600)]

    dues = [next_due(expression, zone, after=moment) for moment in moments]

    assert all(due > moment for due, moment in zip(dues, moments, strict=True))
    assert all(earlier <= later for earlier, later in itertools.pairwise(dues))
    assert all(due.second == due.microsecond == 0 for due in dues)


@pytest.mark.parametrize(
    "expression",
    [
        "", "*", "* * * *", "* * * * * *", "0 */5 * * * *", "@daily", "@reboot", "+5 minutes", "60 * * * *",
        "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *", "5-1 * * * *",
        "-1 * * * *", "1.5 * * * *", "a b c d e", "* * * * FOO", "*,,* * * * *", "² * * * *", "٣ * * * *",
        "* * * * MON#6", "* * * * 5L/2", "? ? ? ? ?", "0 0 L/0 * *", "1/ * * * *", "/ * * * *", "# # # # #",
        "* * * * \x00", "1" * 5000 + " * * * *", "* * * * #", "* * * * L", "* * LL * *", "1-2-3 * * * *",
        "* * * * 1#1#1",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused_naming_the_field(expression):
    with pytest.raises(errors.Invalid) as refused:
        next_due(expression, "UTC", after=utc("2026-01-01 00:00:00"))

    assert refused.value.reasons.keys() == {"expression"}


@pytest.mark.parametrize("expression", ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 */16 * MON#4"])
def test_what_never_comes_due_is_refused_quickly(expression):
    began = time.monotonic()

    with pytest.raises(errors.Invalid) as refused:
        next_due(expression, "Europe/Berlin", after=utc("2026-01-01 00:00:00"))

    assert refused.value.reasons.keys() == {"expression"}
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Nowhere",
        "Europe",
        "../etc/passwd",
        "/etc/passwd",
        "UTC\x00",
        "Europe/Berlin ",
        "ü",
        "." * 9,
        "x" * 999,
    ],
)
def test_what_is_no_time_zone_is_refused_naming_the_field(zone):
    with pytest.raises(errors.Invalid) as refused:
        next_due("* * * * *", zone, after=utc("2026-01-01 00:00:00"))

    assert refused.value.reasons.keys() == {"time_zone"}
