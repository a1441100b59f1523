"""T5: signing in and out; users and tokens as operators keep them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import queries, service
from app.access.caller import Caller
from app.audit.service import Change, present, record, record_edit, snapshot
from app.facade.base import Facade
from app.models import Token, TokenKind, User
from schemas.token import NewToken, SignedIn, TokenDetails, TokenDraft
from schemas.user import UserChanges, UserDetails, UserDraft, UserSummary


class Access(Facade):
    """Who gets in. Passwords and secrets are never in the audit log."""

    async def sign_in(self, username: str, password: str, *, address: str) -> SignedIn:
        """Trade a user name and password for a JSON Web Token.

        Raises Unauthorized for a wrong pair, whether or not the user exists, and TooMany after too many failures
        of one account or one address.
        """
        issued = await service.sign_in(
            self._database,
            self._settings,
            secret=self._parts.signing_key.read(),
            username=username,
            password=password,
            address=address,
        )
        return SignedIn(jwt=issued.jwt)

    async def sign_out(self, caller: Caller) -> None:
        """Revoke the caller's token; from the answer on nobody gets in with it."""
        async with self._database.session() as session:
            revoked = await queries.mark_revoked(session, jti=caller.jti)
            if revoked is not None:
                await _record_revoked(session, caller, revoked, user=caller.username)
        self._parts.authenticator.forget()

    async def list_users(self, caller: Caller) -> list[UserSummary]:
        caller.require_admin()
        async with self._database.session() as session:
            return [_summary(user) for user in await queries.list_users(session)]

    async def read_user(self, caller: Caller, email: str) -> UserDetails:
        """A user with their personal access tokens. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            user = await service.get_user(session, email=email)
            pairs = await queries.list_tokens(session, user_id=user.id)
        tokens = [_token(*pair) for pair in pairs if _is_personal(pair[0])]
        return UserDetails(**dict(_summary(user)), tokens=tokens)

    async def add_user(self, caller: Caller, draft: UserDraft) -> UserSummary:
        """Raises Invalid for a bad address or password, Conflict for a known address, Forbidden."""
        caller.require_admin()
        password = draft.password.get_secret_value()
        async with self._database.session() as session:
            user = await service.add_user(session, email=draft.email, password=password, role=draft.role)
            await session.refresh(user)
            await record(session, Change(caller.username, "user.add", user.email, after=present(snapshot(user))))
            return _summary(user)

    async def edit_user(self, caller: Caller, email: str, changes: UserChanges) -> UserSummary:
        """A new password and deactivation end every token of the user.

        Raises NotFound, Invalid, Forbidden, and Conflict when no active administrator would be left.
        """
        caller.require_admin()
        password = changes.password.get_secret_value() if changes.password is not None else None
        async with self._database.session() as session:
            user = await service.get_user(session, email=email)
            before = snapshot(user)
            await service.change_user(
                session, email=user.email, password=password, role=changes.role, is_active=changes.is_active
            )
            after = snapshot(user)
            await record_edit(session, caller.username, "user.edit", user.email, before=before, after=after)
        self._parts.authenticator.forget()
        return _summary(user)

    async def remove_user(self, caller: Caller, email: str) -> None:
        """Remove a user with all tokens; what they submitted is kept.

        Raises NotFound, Forbidden, and Conflict when no active administrator would be left.
        """
        caller.require_admin()
        async with self._database.session() as session:
            user = await service.get_user(session, email=email)
            before = present(snapshot(user))
            await service.remove_user(session, user)
            await record(session, Change(caller.username, "user.remove", user.email, before=before))
        self._parts.authenticator.forget()

    async def list_tokens(
        self, caller: Caller, *, user: str | None = None, sessions: bool = False
    ) -> list[TokenDetails]:
        """Personal access tokens, with `sessions` also those of signed-in clients. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            user_id = (await service.get_user(session, email=user)).id if user else None
            pairs = await queries.list_tokens(session, user_id=user_id)
        return [_token(*pair) for pair in pairs if sessions or _is_personal(pair[0])]

    async def add_token(self, caller: Caller, draft: TokenDraft) -> NewToken:
        """Make a personal access token; its secret is told this once. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            user = await service.get_user(session, email=draft.email)
            token, secret = await service.add_personal_token(
                session, email=user.email, name=draft.name, days=draft.days
            )
            await session.refresh(token)
            after = {"user": user.email, "name": token.name, "expires_at": token.expires_at}
            await record(session, Change(caller.username, "token.add", token.jti, after=present(after)))
            return NewToken(**dict(_token(token, user)), secret=secret)

    async def revoke_token(self, caller: Caller, token: str) -> str:
        """Revoke a token by its number or `jti`, which is returned. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            revoked = await service.revoke_token(session, jti=await service.jti_of(session, token))
            user = await session.get_one(User, revoked.user_id)
            await _record_revoked(session, caller, revoked, user=user.email)
        self._parts.authenticator.forget()
        return revoked.jti


async def _record_revoked(session: AsyncSession, caller: Caller, token: Token, *, user: str) -> None:
    before = {"user": user, "name": token.name, "kind": token.kind}
    await record(session, Change(caller.username, "token.revoke", token.jti, before=before))


def _summary(user: User) -> UserSummary:
    return UserSummary.model_validate(user.model_dump())


def _token(token: Token, user: User) -> TokenDetails:
    return TokenDetails.model_validate({**token.model_dump(), "user": user.email})


def _is_personal(token: Token) -> bool:
    return token.kind is TokenKind.PERSONAL
