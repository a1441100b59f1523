"""Health answers."""

from pydantic import BaseModel, Field


class Alive(BaseModel):
    """The process answers."""

    alive: bool = Field(examples=[True])


class Ready(BaseModel):
    """Each part that a request needs."""

    database: str = Field(description="`ok` when it answers.", examples=["ok"])
    migrations: str = Field(description="`ok` when the schema is the newest.", examples=["ok"])
    queue: str = Field(description="`ok` when no due job waits too long.", examples=["ok"])
    extensions: list[str] = Field(description="Extensions that would not load, and why.", examples=[[]])
