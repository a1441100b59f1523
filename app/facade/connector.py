"""Every verb of the connector, for whoever acts on it: the API, commands, extensions."""

from dataclasses import replace

from app.facade.access import Access
from app.facade.attachments import Attachments
from app.facade.audit import Audit
from app.facade.catalog import Catalog
from app.facade.contents import Contents
from app.facade.jobs import Jobs
from app.facade.prompts import Prompts
from app.facade.sites import Sites
from app.facade.tasks import Tasks
from app.host import ExtensionHost


class Connector(Access, Tasks, Contents, Prompts, Attachments, Catalog, Sites, Jobs, Audit):
    """The nouns' verbs, all in one."""

    def without_extensions(self) -> "Connector":
        """The same verbs, always by our own logic: what an extension calls from within its own handler."""
        return Connector(replace(self._parts, extensions=ExtensionHost.empty(self._settings)))
