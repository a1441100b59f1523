"""Telling whoever chooses a language for a site when its pages have no words of it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.site import SiteSummary


def tell_language(site: "SiteSummary", language: str | None) -> None:
    """One line when a language was chosen and the theme of the site does not speak it."""
    from contextlib import suppress

    from app.cli.output import warn
    from app.cli.running import read_settings
    from app.publishing.pages.theme import ThemeMissing, find_theme

    if not language:
        return
    # Where somebody else's generator makes the pages, it brings the words.
    if site.tmpl != "default":
        return
    with suppress(ThemeMissing):
        if not find_theme(site.theme, read_settings().themes_folder).speaks(site.language):
            warn(
                f"Besides the articles its pages speak English: the theme {site.theme} has no words for "
                f"{site.language} (docs/themes.md says how to add them)."
            )
