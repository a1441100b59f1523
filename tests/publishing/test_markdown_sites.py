"""Sites whose pages somebody else's generator makes, through the whole engine."""

import yaml

from tests.builders import a_site, a_topic


def front_matter(text):
    return yaml.safe_load(text.split("---\n")[1])


async def test_an_mkdocs_site_gets_markdown_and_what_makes_it_a_site(newspaper):
    site = await a_site(newspaper.database, tmpl="mkdocs", title="Rainy days")
    topic = await a_topic(newspaper.database, name="Weather")

    content = await newspaper.publish(site, "# Rain: on @windows\n\nIt rains.", topic=topic)

    (row,) = await newspaper.history(content)
    text = newspaper.read(site, row.filename)
    assert row.status == "published"
    assert row.filename.startswith(f"docs/blog/{topic.id}-")
    assert front_matter(text)["title"] == "Rain: on @windows"
    assert front_matter(text)["categories"] == ["Weather"]
    assert yaml.safe_load(newspaper.read(site, "mkdocs.yml"))["site_name"] == "Rainy days"
    assert not newspaper.has(site, "index.html")


async def test_a_site_that_is_there_keeps_its_own_configuration(newspaper):
    site = await a_site(newspaper.database, tmpl="mkdocs")
    folder = newspaper.folder(site)
    folder.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("site_name: Mine\n")

    await newspaper.publish(site, "# Rain\n\nIt rains.")

    assert newspaper.read(site, "mkdocs.yml") == "site_name: Mine\n"


async def test_a_withdrawn_article_leaves_neither_its_file_nor_its_folder(newspaper):
    for tmpl in ("mkdocs", "hugo"):
        site = await a_site(newspaper.database, tmpl=tmpl)
        stays = await newspaper.publish(site, "# Rain\n\nIt rains.")
        goes = await newspaper.publish(site, "# Sun\n\nIt is dry.")
        (left,), (row,) = await newspaper.history(stays), await newspaper.history(goes)

        await newspaper.changes.withdraw(goes.id)

        assert newspaper.has(site, left.filename)
        assert not newspaper.has(site, row.filename)
        assert (await newspaper.look(site)).missing == []


async def test_a_rebuild_brings_markdown_back_too(newspaper):
    site = await a_site(newspaper.database, tmpl="hugo")
    content = await newspaper.publish(site, "# Rain\n\nIt rains.")
    (row,) = await newspaper.history(content)
    before = newspaper.read(site, row.filename)
    (newspaper.folder(site) / row.filename).unlink()

    found = await newspaper.mend(site)

    assert found.missing == [row.filename]
    assert newspaper.read(site, row.filename) == before
