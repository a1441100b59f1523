"""The OpenAPI document: complete, in step with the routes, and equal to its committed snapshot."""

import json

from jsonschema import Draft202012Validator

from tests.house import snapshot

OPEN = {"sign_in", "healthz", "readyz", "metrics", "media", "uploads", "page"}
EXTENDABLE = {"/aiprompt/output/", "/aiprompt/reset/", "/aicontent/input/"}
BINARY = {"*/*"}

document = json.loads(snapshot.document())


def operations():
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def contents():
    """Every described body with its place."""
    for path, method, operation in operations():
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{method} {path}", media_type, content
        for status, answer in operation["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                yield f"{method} {path} {status}", media_type, content


def examples_of(content):
    return [content["example"]] if "example" in content else [one["value"] for one in content["examples"].values()]


def test_the_committed_snapshot_is_up_to_date():
    assert snapshot.PATH.read_text(encoding="utf-8") == snapshot.document(), (
        "run `pygai openapi --output docs/openapi.json` without extensions, or `python -m tests.house.snapshot`"
    )


def test_every_operation_says_what_it_does(subtests):
    for path, method, operation in operations():
        with subtests.test(path=path, method=method):
            assert operation["summary"].strip()
            assert len(operation["description"]) > 20
            assert operation["tags"]


def test_every_operation_has_an_id_of_its_own():
    ids = [operation["operationId"] for _, _, operation in operations()]

    assert len(ids) == len(set(ids))


def test_every_body_has_an_example(subtests):
    for place, media_type, content in contents():
        if media_type in BINARY:
            continue
        with subtests.test(place):
            assert all(example not in (None, {}, []) for example in examples_of(content))
            assert "null" not in json.dumps(examples_of(content)) or "aicontent" in place


def test_every_example_fits_its_schema(subtests):
    for place, media_type, content in contents():
        if media_type != "application/json":
            continue
        with subtests.test(place):
            schema = content["schema"] | {"components": document["components"]}
            for example in examples_of(content):
                Draft202012Validator(schema).validate(example)


def test_every_parameter_is_described(subtests):
    for path, method, operation in operations():
        for parameter in operation.get("parameters", []):
            with subtests.test(path=path, method=method, parameter=parameter["name"]):
                assert len(parameter["description"]) > 10


def test_every_field_is_described(subtests):
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            if field in {"status", "data", "message", "code"} or name.startswith("Success"):
                continue
            with subtests.test(f"{name}.{field}"):
                assert described.get("description") or described.get("examples")


def test_every_answer_that_can_come_is_documented(subtests):
    for path, method, operation in operations():
        with subtests.test(path=path, method=method):
            statuses = set(operation["responses"])
            assert {"200", "500"} <= statuses
            assert ("401" in statuses) == bool(operation.get("security")) or path in {"/signin", "/metrics"}
            assert "503" in statuses or path in {"/healthz", "/metrics"}
            assert ("502" in statuses) == (path in EXTENDABLE)
            assert (
                "422" in statuses
                or not [p for p in operation.get("parameters", []) if p["schema"] != {}]
                or (path.startswith(("/media", "/uploads", "/sites")))
            )
            assert "413" in statuses or "requestBody" not in operation


def test_what_is_refused_is_documented_as_a_fail_and_what_breaks_as_an_error(subtests):
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            # A page that was taken down has a page of its own about it.
            if status < "400" or set(answer["content"]) == {"text/html"}:
                continue
            with subtests.test(path=path, method=method, status=status):
                name = "Error" if status >= "500" else "Fail"
                content = answer["content"]["application/json"]
                assert content["schema"] == {"$ref": f"#/components/schemas/{name}"}
                if name == "Error":
                    assert content["example"]["code"] == int(status)


def test_exactly_the_protected_operations_ask_for_a_token(subtests):
    for path, method, operation in operations():
        with subtests.test(path=path, method=method):
            is_open = any(word in operation["operationId"] for word in OPEN)
            assert operation.get("security") == (None if is_open else [{"Bearer": []}])
    scheme = document["components"]["securitySchemes"]["Bearer"]
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")


def test_no_schema_of_the_framework_is_left():
    assert not [name for name in document["components"]["schemas"] if "ValidationError" in name]
    assert "HTTPValidationError" not in json.dumps(document)


async def test_the_running_service_shows_the_same_document(stranger):
    shown = await stranger.get("/openapi.json")

    assert shown.json() == document
