"""What pages say beside the articles, in the language of their site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.publishing.pages.sandbox import Shown

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True)
class Words(Shown):
    """The phrases of a theme, by name, and the dates made of them."""

    language: str
    phrases: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        return str(self.phrases[name])

    def say(self, name: str, /, **values: object) -> str:
        """A phrase with its `{gaps}` filled."""
        return self[name].format(**values)

    @property
    def direction(self) -> str:
        return "rtl" if primary(self.language) in _RIGHT_TO_LEFT else "ltr"

    def month(self, moment: datetime) -> str:
        """The month as it stands in a date."""
        return str(self.phrases["months"][moment.month - 1])

    def month_alone(self, moment: datetime) -> str:
        """The month as a heading names it."""
        return str(self.phrases["months_alone"][moment.month - 1])

    def date(self, moment: datetime) -> str:
        return self.say("date", day=moment.day, month=self.month(moment), year=moment.year)

    def month_and_year(self, moment: datetime) -> str:
        return self.say("month_and_year", month=self.month_alone(moment), year=moment.year)


def primary(language: str) -> str:
    """`zh` of `zh-TW`."""
    return language.replace("_", "-").split("-")[0].lower()
