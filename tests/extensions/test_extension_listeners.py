"""Listeners are told of events and change nothing."""

LISTENERS = """
import time

heard = []

def every(event, payload):
    heard.append(("every", event, payload["id"]))
    payload["id"] = "spoilt"

async def published(event, payload, context):
    heard.append(("published", event, payload["id"]))

def broken(event, payload):
    raise SystemExit

listeners = {listeners}
"""


async def test_a_list_of_listeners_hears_everything(install, load_host):
    install("ext_ears", LISTENERS.replace("{listeners}", "[broken, every]"), "ears")
    host = load_host("ears")
    payload = {"id": 1}

    await host.tell("published", payload)
    await host.tell("stored", payload)

    import ext_ears

    assert ext_ears.heard == [("every", "published", 1), ("every", "stored", 1)]
    assert payload == {"id": 1}
    assert host.roster.failures["ears"].count == 2


async def test_a_mapping_of_listeners_hears_what_it_names(install, load_host):
    install("ext_named", LISTENERS.replace("{listeners}", "{'published': [published], 'stored': every}"), "named")
    host = load_host("named")

    await host.tell("published", {"id": 1})
    await host.tell("stored", {"id": 2})
    await host.tell("unheard", {"id": 3})

    import ext_named

    assert ext_named.heard == [("published", "published", 1), ("every", "stored", 2)]
    assert host.roster.failures == {}
