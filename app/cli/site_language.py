"""Telling whoever chooses a language for a site when its pages have no words of it."""


def tell_language(site: str, language: str | None) -> None:
    """One line when a language was chosen and the theme of the site does not speak it."""
    from contextlib import suppress

    from app.cli import things
    from app.cli.output import warn
    from app.cli.running import read_settings
    from app.models import Directory
    from app.publishing.pages.theme import ThemeMissing, find_theme

    if not language:
        return
    row = things.get(Directory, site)
    # Where somebody else's generator makes the pages, it brings the words.
    if row.tmpl != "default":
        return
    with suppress(ThemeMissing):
        if not find_theme(row.theme, read_settings().themes_folder).speaks(row.language):
            warn(
                f"Besides the articles its pages speak English: the theme {row.theme} has no words for "
                f"{row.language} (docs/themes.md says how to add them)."
            )
