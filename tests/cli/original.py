"""Databases of the original's shape, made by the tests with the values they are about."""

import sqlite3
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE gaiTopic (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL UNIQUE, memo TEXT,
    lastModified DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiInterval (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL UNIQUE,
    expr VARCHAR(255) NOT NULL, memo TEXT, lastModified DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiInstruction (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL UNIQUE,
    text TEXT, config TEXT, memo TEXT, lastModified DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiConfig (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    type VARCHAR(255) NOT NULL CHECK(type IN ('gentxt', 'genimg')), name VARCHAR(255) NOT NULL UNIQUE,
    text JSON NOT NULL, lastModified DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiDirectory (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL UNIQUE,
    path VARCHAR(255) NOT NULL, tmpl VARCHAR(255) NOT NULL DEFAULT 'default',
    lastModified DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiPrompt (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, enabled BOOLEAN NOT NULL DEFAULT TRUE,
    isShowInContent BOOLEAN NOT NULL DEFAULT FALSE, quota INTEGER NOT NULL DEFAULT 10, schedTime DATETIME,
    intervalId INTEGER, intervalExpr VARCHAR(255), intervalName VARCHAR(255),
    topicId INTEGER, topicName VARCHAR(255),
    configId INTEGER, configName VARCHAR(255), configText JSON,
    instId INTEGER, instName VARCHAR(255), instText TEXT,
    instConfig TEXT, dirId INTEGER, dirName VARCHAR(255), dirPath TEXT, dirTmpl VARCHAR(255),
    type VARCHAR(255) NOT NULL CHECK(type IN ('gentxt', 'genimg')), text TEXT NOT NULL, files JSON, memo TEXT,
    lastContentId INTEGER, lastContentTime DATETIME,
    lastModified DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiContent (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, promptId INTEGER, histCronId VARCHAR(255),
    histId VARCHAR(255), histPromptId VARCHAR(255), text TEXT NOT NULL, files JSON, publishId INTEGER,
    publishTime DATETIME, publishFileName VARCHAR(255),
    created DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiPublish (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, contentId INTEGER NOT NULL,
    refPath TEXT NOT NULL, refTopicId INTEGER, filename TEXT NOT NULL,
    created DATETIME NOT NULL DEFAULT (datetime('now', 'localtime')));
CREATE TABLE gaiPublishAttachment (id INTEGER NOT NULL, contentId INTEGER NOT NULL, files JSON NOT NULL,
    PRIMARY KEY (id, contentId));
"""

SAMPLE = Path(__file__).parent / "data" / "pygai-sample.sqlite3"

ORDINARY: dict[str, dict[str, Any]] = {
    "gaiTopic": {"name": "Gardens"},
    "gaiInterval": {"name": "daily", "expr": "+1 days", "memo": "0 0 * * *"},
    "gaiInstruction": {"name": "Terse", "text": "One sentence."},
    "gaiConfig": {"type": "gentxt", "name": "Plain", "text": '{"temperature": 1}'},
    "gaiDirectory": {"name": "MyWebSite", "path": "/srv/sites/MyWebSite/docs/"},
    "gaiPrompt": {"type": "gentxt", "text": "Write."},
    "gaiContent": {"text": "# Title", "histId": "L-1"},
    "gaiPublish": {"contentId": 1, "refPath": "/srv/sites/MyWebSite/docs/", "filename": "blog/1-1-1.md"},
    "gaiPublishAttachment": {"id": 1, "contentId": 1, "files": "[]"},
}
WRITTEN_AT = "2026-03-04 05:06:07"


def an_original(path: Path, **tables: list[dict[str, Any]]) -> Path:
    """A database with these rows; what a row does not say is ordinary."""
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
    connection.close()
    add_to_original(path, **tables)
    return path


def add_to_original(path: Path, **tables: list[dict[str, Any]]) -> None:
    with sqlite3.connect(path) as connection:
        # A CHECK can be got round, so the importer must not believe in it.
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for table, rows in tables.items():
            for row in rows:
                _insert(connection, table, row)
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    stamp = {"gaiContent": "created", "gaiPublish": "created"}.get(table, "lastModified")
    stamped = {} if table == "gaiPublishAttachment" else {stamp: WRITTEN_AT}
    values = ORDINARY[table] | stamped | row
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
