"""T5: signing in and out."""

from app.access import service
from app.access.caller import Caller
from app.facade.base import Facade
from schemas.token import SignedIn


class Access(Facade):
    """Who gets in."""

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
        await service.sign_out(self._database, self._parts.authenticator, caller)
