"""From the original's date modifiers to Cron."""

import pytest

from app.transfer.original.intervals import cron_of, is_cron


@pytest.mark.parametrize(
    ("modifier", "expression"),
    [
        ("+1 minutes", "* * * * *"),
        ("+5 minutes", "*/5 * * * *"),
        ("5 minutes", "*/5 * * * *"),
        ("+05 minute", "*/5 * * * *"),
        (" +30 Minutes ", "*/30 * * * *"),
        ("+300 seconds", "*/5 * * * *"),
        ("+60 minutes", "0 * * * *"),
        ("+1 hours", "0 * * * *"),
        ("+120 minutes", "0 */2 * * *"),
        ("+12 hours", "0 */12 * * *"),
        ("+24 hours", "0 0 * * *"),
        ("+1 days", "0 0 * * *"),
        ("+7 days", "0 0 * * 0"),
        ("+1 week", "0 0 * * 0"),
        ("+1 month", "0 0 1 * *"),
        ("+3 months", "0 0 1 */3 *"),
        ("+12 months", "0 0 1 1 *"),
        ("+1 year", "0 0 1 1 *"),
        ("+1.0 hours", "0 * * * *"),
    ],
)
def test_a_span_that_cron_can_say_is_said_exactly(modifier, expression):
    converted = cron_of(modifier)

    assert (converted.expression, converted.is_exact) == (expression, True)
    assert is_cron(converted.expression)


@pytest.mark.parametrize(
    ("modifier", "expression"),
    [
        ("+90 minutes", "0 */2 * * *"),
        ("+7 minutes", "*/6 * * * *"),
        ("+10 seconds", "* * * * *"),
        ("+5 hours", "0 */6 * * *"),
        ("+2 days", "0 0 */2 * *"),
        ("+2 weeks", "0 0 1,15 * *"),
        ("+5 months", "0 0 1 */6 *"),
        ("+3 years", "0 0 1 1 *"),
        ("+999999999 years", "0 0 1 1 *"),
    ],
)
def test_another_span_becomes_the_nearest_and_is_said_to_be_no_more(modifier, expression):
    converted = cron_of(modifier)

    assert (converted.expression, converted.is_exact) == (expression, False)
    assert is_cron(converted.expression)


@pytest.mark.parametrize(
    "modifier",
    [
        "",
        "next tuesday",
        "whenever",
        "+0 minutes",
        "-5 minutes",
        "start of day",
        "5",
        "minutes",
        "+1 fortnight",
        "weekday 0",
    ],
)
def test_what_is_no_span_of_time_becomes_nothing(modifier):
    assert cron_of(modifier) is None
