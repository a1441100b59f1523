"""The demo: the seeds' topic, intervals, instruction, configs, directory and three prompts."""

import io
import random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.media.library import MediaLibrary
from app.models import Config, Directory, Instruction, Interval, Prompt, Topic
from app.prompts.files import attach
from app.sites import rebuilds
from schemas.prompt import GenerationType

TOPIC = "Wordsmith"
SITE = "MyWebSite"

INTERVALS = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "every 5 minutes": "*/5 * * * *",
    "every 10 minutes": "*/10 * * * *",
    "every 15 minutes": "*/15 * * * *",
    "every 30 minutes": "*/30 * * * *",
    "every 2 hours": "0 */2 * * *",
    "every 4 hours": "0 */4 * * *",
}

TEXT_PARAMETERS = {
    "modelName": "gemini-2.5-flash-lite",
    "generationConfig": {"maxOutputTokens": 2048, "temperature": 1.0, "topP": 0.95},
}
PICTURE_PARAMETERS = {"modelName": "imagen-3.0-fast-generate-001", "numberOfImages": 1, "aspectRatio": "1:1"}

ESSAY = (
    "Essay Prompt: Live for Today, Let Tomorrow's Troubles Wait. "
    "Write an essay of any style (minimum 500 words) on this theme."
)


async def load(session: AsyncSession, library: MediaLibrary) -> bool:
    """Add the demo; False and nothing changed when it is there already."""
    if await session.scalar(select(Topic).where(col(Topic.name) == TOPIC)):
        return False
    intervals = {name: Interval(name=name, expression=expression) for name, expression in INTERVALS.items()}
    session.add_all(intervals.values())
    topic = Topic(name=TOPIC, memo="Essays and pictures of the demo")
    directory = Directory(name=SITE, path=SITE, title="My Web Site", description="Written with PyGai Connector")
    instruction = Instruction(
        name="Language teacher", text="You are a patient teacher of language and literature."
    )
    text_config = Config(type=GenerationType.TEXT, name="Plain text", text=TEXT_PARAMETERS)
    picture_config = Config(type=GenerationType.IMAGE, name="Square picture", text=PICTURE_PARAMETERS)
    session.add_all([topic, directory, instruction, text_config, picture_config])
    await session.flush()
    await rebuilds.request(session, [directory.id])
    common: dict[str, Any] = {
        "topic_id": topic.id,
        "dir_id": directory.id,
        "interval_id": intervals["every 5 minutes"].id,
    }
    essay = Prompt(type=GenerationType.TEXT, text=ESSAY, config_id=text_config.id, **common)
    described = Prompt(
        type=GenerationType.TEXT,
        text="Look at the attached picture and tell the short story that it belongs to.",
        config_id=text_config.id,
        inst_id=instruction.id,
        **common,
    )
    painted = Prompt(
        type=GenerationType.IMAGE,
        text="Rain on a window at night, city lights out of focus behind it.",
        config_id=picture_config.id,
        **common,
    )
    for prompt in (essay, described, painted):
        session.add(prompt)
        await session.flush()
    await attach(session, library, prompt_id=described.id, source=rain_on_a_window(seed=2), name="rain.png")
    return True


def rain_on_a_window(*, seed: int = 1, width: int = 960, height: int = 640) -> bytes:
    """A picture as PNG: lights behind a wet pane. The same seed paints the same picture."""
    chance = random.Random(seed)  # noqa: S311 -- a brush, not a secret
    picture = Image.new("RGB", (width, height), (14, 20, 38))
    brush = ImageDraw.Draw(picture)
    for line in range(height):
        brush.line([(0, line), (width, line)], fill=(14 + line // 24, 20 + line // 18, 38 + line // 10))
    for _ in range(46):
        x, y, radius = chance.randrange(width), chance.randrange(height // 3, height), chance.randrange(12, 46)
        color = chance.choice([(246, 190, 96), (236, 122, 84), (120, 170, 220), (250, 226, 170)])
        brush.ellipse([x - radius, y - radius, x + radius, y + radius], fill=color)
    picture = picture.filter(ImageFilter.GaussianBlur(16))
    brush = ImageDraw.Draw(picture, "RGBA")
    for _ in range(420):
        x, y, length = chance.randrange(width), chance.randrange(height), chance.randrange(8, 34)
        brush.line(
            [(x, y), (x + length // 4, y + length)], fill=(225, 235, 250, chance.randrange(40, 120)), width=2
        )
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
