"""The tables, one file each; importing this package makes all of them known to SQLModel.metadata."""

from app.models.audit import AuditEntry
from app.models.config import Config
from app.models.content import Content, ContentFile, ContentPicture
from app.models.directory import Directory
from app.models.instruction import Instruction
from app.models.interval import Interval
from app.models.media import Media
from app.models.origin import ImportOrigin
from app.models.page import ListKind, Page, PageList, PagePlace, PageStatus
from app.models.prompt import Prompt, PromptAttempt, PromptFile
from app.models.publication import Publication
from app.models.topic import Topic
from app.models.user import SignInThrottle, Token, User
from schemas.content import FileStatus, PublicationStatus
from schemas.token import TokenKind
from schemas.user import Role

__all__ = [
    "AuditEntry",
    "Config",
    "Content",
    "ContentFile",
    "ContentPicture",
    "Directory",
    "FileStatus",
    "ImportOrigin",
    "Instruction",
    "Interval",
    "ListKind",
    "Media",
    "Page",
    "PageList",
    "PagePlace",
    "PageStatus",
    "Prompt",
    "PromptAttempt",
    "PromptFile",
    "Publication",
    "PublicationStatus",
    "Role",
    "SignInThrottle",
    "Token",
    "TokenKind",
    "Topic",
    "User",
]
