"""Which site a number names, and which one takes what names none."""

from app.publishing import queries
from tests.builders import a_site


async def test_a_number_names_its_own_site_and_no_other(database):
    older, newer = await a_site(database), await a_site(database)

    async with database.driver() as connection:
        found = await queries.find_site(connection, newer.id)
        unknown = await queries.find_site(connection, newer.id + 1)

    assert found == newer
    assert found != older
    assert unknown is None


async def test_the_default_site_is_the_oldest(database):
    async with database.driver() as connection:
        before = await queries.find_default_site(connection)

    older, _newer = await a_site(database), await a_site(database)
    async with database.driver() as connection:
        found = await queries.find_default_site(connection)

    assert before is None
    assert found == older
