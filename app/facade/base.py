"""What every verb of the facade has at hand."""

from dataclasses import dataclass

from app.access.authenticator import Gate
from app.contents.waiting import PublicationWatch
from app.core.postgres.database import Database
from app.core.security import SigningKey
from app.core.settings import Settings
from app.host import ExtensionHost
from app.media.library import MediaLibrary
from app.prompts.service import TaskDesk
from app.publishing.changes import Changes
from app.publishing.service import Publisher


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that the verbs stand on; the runtime gives them."""

    settings: Settings
    database: Database
    signing_key: SigningKey
    authenticator: Gate
    library: MediaLibrary
    extensions: ExtensionHost
    dispatcher: TaskDesk
    publication_watch: PublicationWatch
    publisher: Publisher
    changes: Changes


class Facade:
    """A noun's verbs. Each is a transaction of its own and says on whose behalf it acts.

    Raises the errors of `app.core.errors`: Forbidden when the caller's role does not suffice.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = parts.settings
        self._database = parts.database
