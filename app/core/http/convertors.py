"""What a path parameter may look like before a route is chosen by it."""

from starlette.convertors import Convertor, register_url_convertor


class DigitsConvertor(Convertor[str]):
    """Leaves words to other routes; what the digits amount to is checked by the route itself."""

    regex = "[0-9]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("digits", DigitsConvertor())


def digits(name: str) -> str:
    """The parameter's place in a path."""
    return f"{{{name}:digits}}"
