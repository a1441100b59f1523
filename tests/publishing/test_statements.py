"""What a publication asks of the database."""

from app.publishing.build.workshop import Workshop
from app.publishing.service import Publisher
from tests.builders import a_content, a_prompt, a_site, a_topic
from tests.faulty import Fault, FaultyDatabase

# With BEGIN and COMMIT, and with taking and giving back the turn at the site.
MOST_STATEMENTS = 40


async def test_a_publication_needs_few_statements(newspaper):
    site, topic, count = await a_site(newspaper.database), await a_topic(newspaper.database), Fault()
    shop = newspaper.publisher.workshop
    database = FaultyDatabase(shop.database.dsn, count)
    workshop = Workshop(database, shop.settings, shop.library, shop.fetcher, open_elsewhere=shop.open_elsewhere)
    publisher = Publisher(workshop, newspaper.publisher._extensions)
    counted = []

    for number in range(20):
        prompt = await a_prompt(newspaper.database, dir_id=site.id, topic_id=topic.id)
        content = await a_content(newspaper.database, prompt_id=prompt.id, text=f"# Story {number}\n\nIt rains.")
        count.steps = 0
        await publisher.work({"content_id": content.id, "attempt": 0})
        counted.append(count.steps)
    await workshop.aclose()
    await database.dispose()

    assert max(counted[5:]) <= MOST_STATEMENTS, counted
