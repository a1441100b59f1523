"""Pages that hold no article: about the site, its search, and what stands where an article does not."""

from app.publishing import addresses
from app.publishing.model import File, Site
from app.publishing.pages.page_context import ABOUT, SEARCH, SEARCH_POLICY, Frame
from app.publishing.pages.theme import Theme
from app.publishing.pages.views import safe
from app.publishing.text.markdown import RenderedText, render_markdown


def render_about(site: Site, *, theme: Theme) -> File:
    """What the site says about itself: its `about`, in Markdown, else its description. Raises ThemeBroken."""
    frame = Frame(site, theme, ABOUT)
    text = render_markdown(site.about or site.description)
    context = {
        "title": frame.words["about"],
        "canonical": frame.canonical,
        "heading": _heading(site, text),
        "body": safe(text.body),
        "direction": "rtl" if text.is_right_to_left else "ltr",
    }
    return frame.file("about.html", context)


def _heading(site: Site, text: RenderedText) -> str | None:
    """The heading that the text had; a first sentence taken for its title is still in the text."""
    if not site.about.strip() or not text.title:
        return None
    return None if text.plain.lstrip().startswith(text.title.rstrip("…")) else text.title


def render_search(site: Site, *, theme: Theme) -> File:
    """The only page with a script. Raises ThemeBroken."""
    frame = Frame(site, theme, SEARCH)
    context = {
        "title": frame.words["search"],
        "description": "",
        "canonical": frame.canonical,
        "policy": SEARCH_POLICY,
        "index": "index.json",
        "root": "../",
    }
    return frame.file("search.html", context)


def render_not_found(site: Site, *, theme: Theme) -> File:
    """The page for addresses that lead nowhere, at whatever depth. Raises ThemeBroken."""
    frame = Frame(site, theme, addresses.NOT_FOUND, is_anywhere=True)
    return frame.file("404.html", {"title": frame.words["not_found_title"], "description": ""})


def render_gone(site: Site, path: str, *, theme: Theme, is_list: bool = False) -> File:
    """What is said in place of an article or a list that is no more; `path` is its own. Raises ThemeBroken."""
    frame = Frame(site, theme, addresses.gone_path(path))
    return frame.file("gone.html", {"title": frame.words["gone_title"], "description": "", "is_list": is_list})


def render_redirect(site: Site, path: str, target_url: str, *, theme: Theme) -> File:
    """A page that leads to another address, for hosts that know no redirections. Raises ThemeBroken."""
    frame = Frame(site, theme, path)
    context = {
        "title": frame.words["moved_title"],
        "description": "",
        "canonical": target_url,
        "target": target_url,
    }
    return frame.file("redirect.html", context)
