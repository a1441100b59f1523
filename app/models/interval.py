from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant, now_by_default, primary_key


class Interval(SQLModel, table=True):
    """gaiInterval: a five-field Cron expression in a time zone.

    `next_at` is when it comes due next. It is rolled forward when it has passed, so that returning a task
    needs no Cron arithmetic in the common case.
    """

    __tablename__ = "gai_interval"

    id: int = primary_key()
    name: str = Field(unique=True)
    expression: str
    time_zone: str = Field(default="UTC", sa_column_kwargs={"server_default": "UTC"})
    memo: str | None = None
    next_at: datetime | None = instant()
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)
