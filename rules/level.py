"""Levels of forest chiefs (林长级别), from the province down to the community or village."""

from enum import StrEnum


class Level(StrEnum):
    """A chief's level; the core of the bot is district, street and community."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


COUNTED_LEVELS = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)
"""The levels of the annual sentence, highest first."""
