from app.core.errors import NotFound


def no_site(name: str | int) -> NotFound:
    return NotFound({"site": f"there is no site {name}"})
