"""docs/decisions/0003 has every kind of job, in the order and with the slots in which it is worked on."""

import re

from app.contents import jobs as of_contents
from app.jobs.kinds import JobKind
from app.sites import jobs as of_sites
from tests.house.deployment import ROOT

PAGE = (ROOT / "docs" / "decisions" / "0003-work-after-the-answer.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)`: [^|]+ \| (\d+) \| (\d*) ?\| (\d*) ?\|$", re.MULTILINE)
KINDS = sorted(
    (kind for module in (of_contents, of_sites) for kind in vars(module).values() if isinstance(kind, JobKind)),
    key=lambda kind: kind.rank,
)


def test_every_kind_of_job_is_documented_with_its_slots():
    documented = [
        (name, int(total), int(per_owner or total), int(per_host or total))
        for name, total, per_owner, per_host in ROW.findall(PAGE)
    ]

    assert documented == [
        (kind.name, kind.slots.total, kind.slots.per_owner, kind.slots.per_host) for kind in KINDS
    ]


def test_the_documented_number_of_slots_is_that_of_all_kinds():
    (total,) = re.findall(r"A process works on up to (\d+) jobs at a time", PAGE)

    assert int(total) == sum(kind.slots.total for kind in KINDS)
