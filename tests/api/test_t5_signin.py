"""T5: signing in, what the token claims, and which credentials are refused."""

import json
import time
from datetime import UTC, datetime

import pytest
from jose import jwt

from app.access import service as access
from tests.builders import PASSWORD, a_user
from tests.conftest import SECRET, a_client
from tests.envelopes import failed, succeeded


async def sign_in(client, username, password=PASSWORD, **options):
    return await client.post("/signin", data={"username": username, "password": password}, **options)


async def test_the_right_pair_is_given_a_token_that_opens(stranger, database):
    user = await a_user(database)

    data = succeeded(await sign_in(stranger, user.email))

    assert data.keys() == {"jwt"}
    stranger.headers["Authorization"] = f"Bearer {data['jwt']}"
    assert succeeded(await stranger.get("/aiprompt/output/")) == {}


async def test_the_token_has_the_header_and_the_claims_of_the_contract(stranger, database):
    user = await a_user(database)
    before = int(datetime.now(UTC).timestamp())

    token = succeeded(await sign_in(stranger, user.email))["jwt"]

    assert jwt.get_unverified_header(token) == {"alg": "HS512", "typ": "JWT"}
    claims = jwt.decode(token, SECRET, algorithms=["HS512"], audience="pygai", issuer="pygai-connector")
    assert claims.keys() == {"sub", "username", "iat", "exp", "jti", "iss", "aud"}
    assert (claims["sub"], claims["username"]) == (str(user.id), user.email)
    assert before <= claims["iat"] <= before + 10
    assert claims["exp"] - claims["iat"] == 30 * 86400
    assert len(claims["jti"]) >= 20


async def test_two_sign_ins_are_two_tokens(stranger, database):
    user = await a_user(database)

    first, second = [succeeded(await sign_in(stranger, user.email))["jwt"] for _ in range(2)]

    assert jwt.get_unverified_claims(first)["jti"] != jwt.get_unverified_claims(second)["jti"]


async def test_the_answer_is_not_kept_by_caches(stranger, database):
    user = await a_user(database)

    assert (await sign_in(stranger, user.email)).headers["Cache-Control"] == "no-store"


async def test_the_case_of_the_address_and_spaces_around_it_do_not_matter(stranger, database):
    await a_user(database, email="somebody@example.com")

    for name in ["SomeBody@Example.COM", " somebody@example.com "]:
        succeeded(await sign_in(stranger, name))


async def test_the_form_may_be_multipart(stranger, database):
    user = await a_user(database)

    answer = await stranger.post("/signin", files={"username": (None, user.email), "password": (None, PASSWORD)})

    assert succeeded(answer).keys() == {"jwt"}


async def test_the_path_with_a_slash_works_too(stranger, database):
    user = await a_user(database)

    succeeded(await stranger.post("/signin/", data={"username": user.email, "password": PASSWORD}))


@pytest.mark.parametrize("password", ["пароль и ещё", "密码密码密码密码", "p@ss&w=rd+%20;é🔑"])
async def test_a_password_may_be_of_any_letters(stranger, database, password):
    async with database.session() as session:
        await access.add_user(session, email="somebody@example.com", password=password)
    form = {"username": (None, "somebody@example.com"), "password": (None, password)}

    succeeded(await sign_in(stranger, "somebody@example.com", password))
    succeeded(await stranger.post("/signin", files=form))


async def test_a_wrong_password_and_an_unknown_user_are_refused_in_the_same_words(stranger, database):
    user, asleep = await a_user(database), await a_user(database, is_active=False)

    answers = [
        await sign_in(stranger, user.email, "wrong"),
        await sign_in(stranger, "nobody@example.com", PASSWORD),
        await sign_in(stranger, asleep.email, PASSWORD),
    ]

    for answer in answers:
        failed(answer, 401, "username")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert len({answer.content for answer in answers}) == 1


async def test_a_wrong_password_and_an_unknown_user_take_the_same_time(start):
    service = await start(signin_attempts=1000)
    user = await a_user(service.state.runtime.database)
    seconds = {user.email: [], "nobody@example.com": []}
    async with a_client(service) as client:
        for _ in range(3):
            for name, taken in seconds.items():
                began = time.perf_counter()
                failed(await sign_in(client, name, "wrong"), 401)
                taken.append(time.perf_counter() - began)

    known, unknown = (min(taken) for taken in seconds.values())
    assert max(known, unknown) / min(known, unknown) < 3


async def test_a_missing_field_is_named(stranger, subtests):
    for form, missing in [
        ({}, {"username", "password"}),
        ({"username": "a@b.c"}, {"password"}),
        ({"password": "x"}, {"username"}),
        ({"username": "", "password": ""}, {"username", "password"}),
        ({"username": "a@b.c", "password": ""}, {"password"}),
    ]:
        with subtests.test(form=form):
            assert failed(await stranger.post("/signin", data=form), 422).keys() == missing


async def test_json_is_no_form(stranger, database):
    user = await a_user(database)

    answer = await stranger.post("/signin", json={"username": user.email, "password": PASSWORD})

    assert failed(answer, 422).keys() == {"username", "password"}


async def test_credentials_in_the_address_are_refused(stranger, database, subtests):
    user = await a_user(database)
    pair = {"username": user.email, "password": PASSWORD}

    for params, form in [(pair, None), (pair, pair), ({"password": PASSWORD}, pair), ({"username": "x"}, pair)]:
        with subtests.test(params=params):
            answer = await stranger.post("/signin", params=params, data=form)

            failed(answer, 422)
            assert "jwt" not in answer.text


async def test_a_form_that_cannot_be_read_is_refused(stranger, subtests):
    bodies = [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--y\r\nnonsense"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--\r\n"),
        ("application/x-www-form-urlencoded", b"\xff\xfe%zz&&&==="),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2000))),
        ("text/plain", b"username=a&password=b"),
        ("nonsense", b""),
    ]
    for content_type, content in bodies:
        with subtests.test(content_type=content_type, content=content[:20]):
            answer = await stranger.post("/signin", content=content, headers={"Content-Type": content_type})

            assert answer.status_code in {400, 422}
            failed(answer, answer.status_code)


async def test_odd_credentials_are_refused_like_any_others(stranger, subtests):
    odd = [
        "a\x00b",
        "\x00",
        "'; DROP TABLE user_account; --",
        "%",
        "a" * 320,
        "\ud800".encode("utf-8", "replace"),
        "😀",
    ]

    for username in odd:
        with subtests.test(username=username):
            failed(await sign_in(stranger, username, "a\x00b"), 401, "username")


async def test_what_is_too_long_is_refused_and_named(stranger):
    assert failed(await sign_in(stranger, "a" * 321, "x" * 1025), 422).keys() == {"username", "password"}


async def test_the_claims_are_shown_and_the_token_is_not(stranger, database):
    user = await a_user(database)
    token = succeeded(await sign_in(stranger, user.email))["jwt"]

    answer = await stranger.get("/jwtinfo", headers={"Authorization": f"Bearer {token}"})

    assert succeeded(answer) == jwt.get_unverified_claims(token)
    assert not any(part in answer.text for part in token.split("."))
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_answer_never_repeats_what_was_typed(stranger):
    answer = await sign_in(stranger, "a" * 321, "my secret" * 200)

    assert "my secret" not in json.dumps(answer.json())
