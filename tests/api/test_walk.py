"""The whole loop in one process: sign in, task, result, page."""

import base64

from app import demo
from tests.builders import PASSWORD, a_prompt, a_site, a_submission, a_topic, a_user
from tests.conftest import a_client


async def test_a_result_becomes_a_page_before_its_answer(working_service):
    database = working_service.state.runtime.database
    site, topic = await a_site(database, name="MyWebSite"), await a_topic(database, name="Wordsmith")
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id)
    user = await a_user(database)
    picture = "data:image/png;base64," + base64.b64encode(demo.rain_on_a_window()).decode()

    async with a_client(working_service) as client:
        signed_in = await client.post("/signin", data={"username": user.email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['data']['jwt']}"
        task = (await client.get("/aiprompt/output/")).json()["data"]
        body = a_submission(promptId=str(task["id"]), files=[picture])
        answer = await client.post("/aicontent/input/?writetofile=1", json=body)
        content = (await client.get(answer.headers["Content-Location"])).json()["data"]
        assert content["publish"]["status"] == "published", content
        page = await client.get(content["publish"]["url"])

    assert task["id"] == prompt.id
    assert answer.json() == {"status": "success", "data": {}}
    assert content["files"][0]["status"] == "stored"
    assert page.status_code == 200
    assert "<h1" in page.text
    assert "file.png" in page.text
