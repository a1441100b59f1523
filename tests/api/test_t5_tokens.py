"""T5: which tokens open, and how they stop opening."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from jose import jwt
from sqlalchemy import update

from app.access import service as access
from app.models import Role, Token
from tests.builders import a_token, a_token_of, a_user, jti_of
from tests.conftest import SECRET, a_client, eventually
from tests.envelopes import failed, succeeded


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def signed(header, claims, *, secret=SECRET, digest=hashlib.sha512):
    text = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.new(secret.encode(), text.encode(), digest).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def refused(answer):
    reasons = failed(answer, 401, "Authorization")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    return reasons["Authorization"]


def forgeries(good):
    """Tokens that are almost that good one, by what is wrong with them."""
    claims, header = jwt.get_unverified_claims(good), {"alg": "HS512", "typ": "JWT"}
    head, body, signature = good.split(".")
    past = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp())
    yield "no algorithm", f"{encoded({'alg': 'none'})}.{body}."
    yield "no algorithm, signed", f"{encoded({'alg': 'none'})}.{body}.{signature}"
    yield "no signature", f"{head}.{body}."
    yield "another algorithm", signed({"alg": "HS256", "typ": "JWT"}, claims, digest=hashlib.sha256)
    yield "another secret", signed(header, claims, secret="x" * 40)
    yield "more rights", f"{head}.{encoded(claims | {'sub': '1', 'role': 'admin'})}.{signature}"
    yield "another audience", signed(header, claims | {"aud": "somebody"})
    yield "no audience", signed(header, {k: v for k, v in claims.items() if k != "aud"})
    yield "another issuer", signed(header, claims | {"iss": "somebody"})
    yield "no issuer", signed(header, {k: v for k, v in claims.items() if k != "iss"})
    yield "expired", signed(header, claims | {"exp": past})
    yield "no expiry", signed(header, {k: v for k, v in claims.items() if k != "exp"})
    yield "expiry of another kind", signed(header, claims | {"exp": "never"})
    yield "endless expiry", signed(header, claims | {"exp": 1e400})
    yield "no id", signed(header, {k: v for k, v in claims.items() if k != "jti"})
    yield "unknown id", signed(header, claims | {"jti": "unknown"})
    yield "id of another kind", signed(header, claims | {"jti": 5})
    yield "id that cannot be stored", signed(header, claims | {"jti": "a\x00b"})
    yield "claims that are none", signed(header, [1, 2])
    yield "a letter changed", good[:-3] + ("A" if good[-3] != "A" else "B") + good[-2:]
    yield "a part missing", f"{head}.{body}"
    yield "a part more", good + ".x"
    yield "words", "no token at all"
    yield "dots", "..."
    yield "personal and unknown", "pygai_unknown"
    yield "personal and bare", "pygai_"
    yield "long", "x" * 8000


async def test_a_token_that_is_not_ours_in_every_part_is_refused(service, stranger, subtests):
    good = await a_token(service)
    succeeded(await stranger.get("/jwtinfo", headers=bearer(good)))

    for what, token in forgeries(good):
        with subtests.test(what):
            refused(await stranger.get("/jwtinfo", headers=bearer(token)))


async def test_the_test_signs_as_the_service_does(service, stranger):
    good = await a_token(service)

    same = signed({"alg": "HS512", "typ": "JWT"}, jwt.get_unverified_claims(good))

    succeeded(await stranger.get("/jwtinfo", headers=bearer(same)))


async def test_a_header_that_carries_no_bearer_token_is_refused(service, stranger, subtests):
    good = await a_token(service)

    for value in ["", "Bearer", "Bearer ", f"Basic {good}", good, f"Token {good}", "Bearer \xff\xfe", "Bearer  "]:
        with subtests.test(value=value[:10]):
            refused(await stranger.get("/jwtinfo", headers={"Authorization": value.encode("latin-1")}))
    refused(await stranger.get("/jwtinfo"))


async def test_a_token_in_the_address_or_a_cookie_opens_nothing(service, stranger):
    good = await a_token(service)

    for name in ["token", "access_token", "jwt", "Authorization", "authorization", "bearer"]:
        refused(await stranger.get("/aiprompt/output/", params={name: good}))
        refused(await stranger.get("/aiprompt/output/", params={name: f"Bearer {good}"}))
    refused(await stranger.get("/aiprompt/output/", headers={"Cookie": f"token={good}; jwt={good}"}))


async def test_the_word_bearer_may_be_in_any_case(service, stranger):
    good = await a_token(service)

    succeeded(await stranger.get("/jwtinfo", headers={"Authorization": f"bearer {good}"}))


async def test_signing_out_revokes_the_presented_token_and_no_other(service, stranger):
    user = await a_user(service.state.runtime.database)
    first, second = await a_token_of(service, user), await a_token_of(service, user)
    succeeded(await stranger.get("/jwtinfo", headers=bearer(first)))

    assert succeeded(await stranger.post("/signout", headers=bearer(first))) == {}

    refused(await stranger.get("/jwtinfo", headers=bearer(first)))
    refused(await stranger.post("/signout", headers=bearer(first)))
    succeeded(await stranger.get("/jwtinfo", headers=bearer(second)))


async def test_a_token_revoked_in_one_process_is_refused_in_the_other_within_a_second(start):
    here, there = await start(), await start()
    token = await a_token(here)
    async with a_client(here, token) as one, a_client(there, token) as other:
        succeeded(await other.get("/jwtinfo"))
        succeeded(await one.post("/signout"))

        async def is_refused():
            return (await other.get("/jwtinfo")).status_code == 401

        await eventually(is_refused, seconds=1)


async def test_a_user_who_is_deactivated_is_out_at_once(service, client, database):
    email = succeeded(await client.get("/jwtinfo"))["username"]
    await a_user(database, role="admin")
    async with database.session() as session:
        await access.change_user(session, email=email, is_active=False)

    async def is_refused():
        return (await client.get("/jwtinfo")).status_code == 401

    await eventually(is_refused, seconds=1)


async def test_a_new_password_revokes_the_tokens_of_before(service, client, database):
    email = succeeded(await client.get("/jwtinfo"))["username"]
    await a_user(database, role="admin")
    async with database.session() as session:
        await access.change_user(session, email=email, password="another password")

    async def is_refused():
        return (await client.get("/jwtinfo")).status_code == 401

    await eventually(is_refused, seconds=1)


async def test_a_role_that_changes_changes_what_the_token_may(service, client, administrator, database):
    failed(await client.get("/aiprompt/1/files/"), 403, "Authorization")
    email = succeeded(await client.get("/jwtinfo"))["username"]
    async with database.session() as session:
        await access.change_user(session, email=email, role=Role.ADMIN)

    async def is_allowed():
        return (await client.get("/aiprompt/1/files/")).status_code == 404

    await eventually(is_allowed, seconds=1)


async def test_a_token_that_is_remembered_still_expires(service, stranger, database):
    token = await a_token(service)
    succeeded(await stranger.get("/jwtinfo", headers=bearer(token)))
    async with database.session() as session:
        ends_at = datetime.now(UTC) + timedelta(seconds=0.3)
        await session.execute(update(Token).where(Token.jti == jti_of(token)).values(expires_at=ends_at))
    await asyncio.sleep(0.5)

    refused(await stranger.get("/jwtinfo", headers=bearer(token)))


@pytest.fixture
async def personal(database):
    """A personal access token of a new user."""
    user = await a_user(database)
    async with database.session() as session:
        return await access.add_personal_token(session, email=user.email, name="laptop")


async def test_a_personal_access_token_opens_as_a_jwt_does(stranger, personal):
    token, secret = personal

    claims = succeeded(await stranger.get("/jwtinfo", headers=bearer(secret)))

    assert secret.startswith("pygai_")
    assert claims["jti"] == token.jti
    assert "exp" not in claims
    assert succeeded(await stranger.get("/aiprompt/output/", headers=bearer(secret))) == {}


async def test_a_personal_access_token_is_kept_as_a_hash(database, personal):
    token, secret = personal

    async with database.session() as session:
        kept = await session.get(Token, token.id)
    assert kept.secret_hash == hashlib.sha256(secret.encode()).digest()
    assert secret not in repr(kept)


async def test_an_expired_personal_access_token_is_refused(stranger, database):
    user = await a_user(database)
    async with database.session() as session:
        token, secret = await access.add_personal_token(session, email=user.email, name="old", days=1)
    async with database.session() as session:
        (await session.get(Token, token.id)).expires_at = datetime.now(UTC) - timedelta(seconds=1)

    refused(await stranger.get("/jwtinfo", headers=bearer(secret)))


async def test_a_revoked_personal_access_token_is_refused(stranger, database, personal):
    token, secret = personal
    succeeded(await stranger.get("/jwtinfo", headers=bearer(secret)))

    async with database.session() as session:
        await access.revoke_token(session, jti=token.jti)

    async def is_refused():
        return (await stranger.get("/jwtinfo", headers=bearer(secret))).status_code == 401

    await eventually(is_refused, seconds=1)


async def test_a_personal_access_token_can_sign_itself_out(stranger, personal):
    _token, secret = personal

    succeeded(await stranger.post("/signout", headers=bearer(secret)))

    refused(await stranger.get("/jwtinfo", headers=bearer(secret)))


async def test_a_valid_token_that_may_not_is_forbidden(client):
    answer = await client.get("/aiprompt/1/files/")

    failed(answer, 403, "Authorization")
    assert "WWW-Authenticate" not in answer.headers
