"""What is read of a script that pg_restore makes."""

import io

import pytest

from app.core import errors
from app.transfer.backup.script import Script, SequenceValue

HONEST = rb'''--
-- PostgreSQL database dump
--
\restrict abc123

SET statement_timeout = 0;
SET client_encoding = 'LATIN1';
SELECT pg_catalog.set_config('search_path', '', false);
COPY public.gai_topic (id, name, "position") FROM stdin;
1	\\.	\N
2	a\nb	x
\.


COPY public."Odd ""one""" (id) FROM stdin;
\.

SELECT pg_catalog.setval('public.gai_topic_id_seq', 2, true);
\unrestrict abc123

'''


class Slowly:
    """Gives a few bytes at a time, wherever that cuts."""

    def __init__(self, content, step):
        self._file, self._step = io.BytesIO(content), step

    async def read(self, count):
        return self._file.read(min(count, self._step))


async def parts_of(content, step=1000):
    parts = []
    async for part in Script(Slowly(content, step)).parts():
        if isinstance(part, SequenceValue):
            parts.append((part.name, part.value, part.is_called))
        else:
            rows = b"".join([chunk async for chunk in part.chunks])
            parts.append((part.table, part.columns, part.encoding, rows))
    return parts


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 1000])
async def test_rows_and_values_are_read_wherever_the_pieces_end(step):
    assert await parts_of(HONEST, step) == [
        ("gai_topic", ["id", "name", "position"], "LATIN1", b"1\t\\\\.\t\\N\n2\ta\\nb\tx\n"),
        ('Odd "one"', ["id"], "LATIN1", b""),
        ("gai_topic_id_seq", 2, True),
    ]


async def test_rows_that_nobody_reads_are_passed_over():
    names = [part.table async for part in Script(Slowly(HONEST, 7)).parts() if not isinstance(part, SequenceValue)]

    assert names == ["gai_topic", 'Odd "one"']


@pytest.mark.parametrize(
    "statement",
    [
        b"COPY public.t (id) FROM PROGRAM 'id';",
        b"COPY public.t (id) FROM '/etc/passwd';",
        b"COPY public.t (id) FROM stdin; DROP TABLE t;",
        b"COPY public.t (id) FROM stdin WHERE f();",
        b"COPY t (id) FROM stdin;",
        b"SELECT pg_catalog.setval('public.s', f(), true);",
        b"SELECT pg_catalog.set_config('search_path', 'evil', false);",
        b"SET x = 'a'; SELECT f();",
        b"\\! id",
        b"\\restrict x \\! id",
        b"INSERT INTO t VALUES (1);",
        b"/* */ SELECT 1;",
        b" ",
        b"\xff\x00",
        b"x" * 100_000,
    ],
)
async def test_any_other_statement_is_refused(statement):
    with pytest.raises(errors.Invalid):
        await parts_of(HONEST + statement + b"\n")


@pytest.mark.parametrize("end", [b"COPY public.t (id) FROM stdin;\n1\n", b"COPY public.t", b"x" * 200_000])
async def test_a_script_that_is_cut_short_is_refused(end):
    with pytest.raises(errors.Invalid):
        await parts_of(end)
