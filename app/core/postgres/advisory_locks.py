"""The keys of our advisory locks: any constants, as long as no two things are locked by one."""

from enum import IntEnum


class AdvisoryLock(IntEnum):
    """What is locked. With a second key, what it is locked of: a site by its number."""

    MIGRATION = 0x50794761
    SITE = 0x50794762
    IMPORT = 0x50794763
    SITE_PLACES = 0x50794764
    SITE_REBUILD = 0x50794765
