"""Which site a number names, and where a content goes."""

from app.publishing import queries
from app.publishing.state_queries import read_publish_state
from tests.builders import a_content, a_prompt, a_site


async def test_a_number_names_its_own_site_and_no_other(database):
    older, newer = await a_site(database), await a_site(database)

    async with database.driver() as connection:
        found = await queries.find_site(connection, newer.id)
        unknown = await queries.find_site(connection, newer.id + 1)

    assert found == newer
    assert found != older
    assert unknown is None


async def test_a_content_whose_prompt_names_no_site_goes_to_the_oldest(database):
    content = await a_content(database)
    async with database.driver() as connection:
        before = await read_publish_state(connection, content.id)

    older, _newer = await a_site(database), await a_site(database)
    async with database.driver() as connection:
        found = await read_publish_state(connection, content.id)

    assert before.site is None
    assert found.site == older


async def test_a_content_goes_to_the_site_that_its_prompt_names(database):
    _older, newer = await a_site(database), await a_site(database)
    prompt = await a_prompt(database, dir_id=newer.id)
    content = await a_content(database, prompt_id=prompt.id)

    async with database.driver() as connection:
        found = await read_publish_state(connection, content.id)

    assert found.site == newer
