"""What a change to something that is kept may hold."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator


class Changes(BaseModel):
    """A field that is left out stays as it is; null clears one that may be absent and is refused for the others."""

    model_config = ConfigDict(extra="forbid")

    clearable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _refuse_null(self) -> Self:
        missing = [name for name, value in self.given.items() if value is None and name not in self.clearable]
        if missing:
            raise ValueError(f"{', '.join(missing)} must not be null")
        return self

    @property
    def given(self) -> dict[str, Any]:
        """The fields that were given, in the order in which they are declared."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
