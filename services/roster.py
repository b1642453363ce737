"""Importing the roster (导入花名册): what is safe is repaired and reported, what is not is listed and left out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.area import Area
from models.chief import Chief, Post, PostStreet
from rules.level import Level
from rules.naming import match_area
from services import mark


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A person's line in a sheet, tidied; `typed` keeps the cells as the clerk typed them."""

    row: int
    name: str
    office: str | None
    title: str
    level: str
    streets: tuple[str, ...]
    community: str | None
    phone: str | None
    remark: str | None
    code: str | None = None
    wecom_id: str | None = None
    """The user id in WeCom's directory, in lower case."""
    typed: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a sheet: what was mended (`mended` is the new value), or what keeps a row out."""

    row: int
    column: str
    kind: str
    value: object
    mended: object = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A person with the codes of the own area."""

    row: RosterRow
    area_code: str
    streets: tuple[str, ...]
    doubtful: bool = False
    """Whether the row names a street that is not known: then none is taken away."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to a person: `added`, `changed` (a column, from what to what), `ended` (the last day)."""

    code: str
    name: str
    what: str
    column: str = ""
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A post that the sheet does not list but a row that was not understood may mean: it stays as it is."""

    code: str
    name: str
    row: int


@dataclass(slots=True)
class RosterChanges:
    """What an import did or would do."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    details: list[Change] = field(default_factory=list)
    unchanged: int = 0
    repairs: list[Finding] = field(default_factory=list)
    left_out: list[Finding] = field(default_factory=list)


class Areas:
    """The areas by level, matched by what a clerk calls them."""

    def __init__(self, session: Session, suffixes: Sequence[str]) -> None:
        self.suffixes = suffixes
        self.rows = {area.code: area for area in session.scalars(select(Area))}

    def find(self, level: str, text: str, within: str | None = None) -> list[Area]:
        """The areas of a level that a text can mean, within a parent where one is given."""
        names = {
            code: [name for name in (area.name, area.alias) if name]
            for code, area in self.rows.items()
            if area.level == level and (within is None or area.parent_code == within)
        }
        return [self.rows[code] for code in match_area(text, names, self.suffixes)]

    def districts(self) -> list[Area]:
        """All districts."""
        return [area for area in self.rows.values() if area.level == Level.DISTRICT]


def import_roster(
    session: Session, rows: Sequence[RosterRow], valid_from: date, suffixes: Sequence[str],
    unread: Sequence[RosterRow] = (),
) -> RosterChanges:  # fmt: skip
    """Import a roster from a date on: new people, changed posts, ended posts; a second import changes nothing.

    Left out means untouched: whom an `unread` row, or one that finds no place, may mean is not ended.
    """
    changes = RosterChanges()
    areas = Areas(session, suffixes)
    places = [(row, _place(areas, row, changes)) for row in rows]
    placed = _without_double_phones([found for _, found in places if found], changes)
    lost = [*(row for row, found in places if not found), *unread]
    people = _Roll(session, valid_from, changes, areas)
    for person in placed:
        people.enter(person)
    people.end_the_rest(placed, [_Lost(row, _area_of(areas, row)) for row in lost])
    if changes.added or changes.changed or changes.ended:
        mark.new_edition(session, "roster")
    return changes


@dataclass(frozen=True, slots=True)
class _Lost:
    """A row that was left out, with the code of its area where that is clear."""

    row: RosterRow
    area_code: str | None

    def may_mean(self, chief: Chief, post: Post) -> bool:
        row = self.row
        if row.name or row.code:
            return row.name == chief.name or row.code == chief.code
        return row.level in ("", post.level) and self.area_code in (None, post.area_code)


def _area_of(areas: Areas, row: RosterRow) -> str | None:
    found = _place(areas, row, RosterChanges()) if row.level else None
    return found.area_code if found else None


def _place(areas: Areas, row: RosterRow, changes: RosterChanges) -> Placed | None:
    if row.level == Level.DISTRICT:
        return _place_district(areas, row, changes)
    if row.level == Level.STREET:
        streets = _streets(areas, row, changes)
        if not streets:
            return _leave_out(changes, row, "street", "street_unknown")
        return Placed(row, streets[0], streets, _lists_unknown_streets(areas, row, changes))
    return _place_community(areas, row, changes)


def _place_district(areas: Areas, row: RosterRow, changes: RosterChanges) -> Placed | None:
    districts = areas.districts()
    if len(districts) != 1:
        return _leave_out(changes, row, "district", "district_unknown")
    streets = _streets(areas, row, changes)
    return Placed(row, districts[0].code, streets, _lists_unknown_streets(areas, row, changes))


def _streets(areas: Areas, row: RosterRow, changes: RosterChanges) -> tuple[str, ...]:
    codes = []
    for name in row.streets:
        found = areas.find(Level.STREET, name)
        if len(found) == 1:
            codes.append(found[0].code)
            _note_alias(changes, row, name, found[0].name)
    return tuple(codes)


def _lists_unknown_streets(areas: Areas, row: RosterRow, changes: RosterChanges) -> bool:
    unknown = [name for name in row.streets if len(areas.find(Level.STREET, name)) != 1]
    changes.left_out.extend(Finding(row.row, "street", "street_passed_over", name) for name in unknown)
    return bool(unknown)


def _note_alias(changes: RosterChanges, row: RosterRow, typed: str, name: str) -> None:
    # A merged cell names the street for all its rows: its short form is reported where it stands, once.
    if typed != name and not any((one.kind, one.value) == ("street_alias", typed) for one in changes.repairs):
        changes.repairs.append(Finding(row.row, "street", "street_alias", typed, name))


def _place_community(areas: Areas, row: RosterRow, changes: RosterChanges) -> Placed | None:
    street = areas.find(Level.STREET, row.streets[0]) if row.streets else []
    found = areas.find(Level.COMMUNITY, row.community or "", street[0].code if len(street) == 1 else None)
    if len(found) != 1:
        return _leave_out(changes, row, "community", "community_unknown" if not found else "community_ambiguous")
    area = found[0]
    _lists_unknown_streets(areas, row, changes)
    if row.streets and len(street) == 1:
        _note_alias(changes, row, row.streets[0], street[0].name)
    if not row.streets and area.parent_code:
        changes.repairs.append(Finding(row.row, "street", "missing_street", None, areas.rows[area.parent_code].name))
    if row.community and row.community != area.name:
        longer = row.community.startswith(area.name)
        kind = "community_official_name" if longer else "community_without_suffix"
        changes.repairs.append(Finding(row.row, "community", kind, row.community, area.name))
    return Placed(row, area.code, (area.parent_code,) if area.parent_code else ())


def _leave_out(changes: RosterChanges, row: RosterRow, column: str, kind: str) -> Placed | None:
    value = row.community if column == "community" else "、".join(row.streets)
    changes.left_out.append(Finding(row.row, column, kind, value or None))
    return None


def _without_double_phones(placed: Sequence[Placed], changes: RosterChanges) -> list[Placed]:
    # Whose number it is cannot be known from here, and a phone opens the door at enrolment: nobody gets it.
    times = Counter(person.row.phone for person in placed if person.row.phone)
    seen: set[str] = set()
    result = []
    for person in placed:
        phone = person.row.phone
        if phone and times[phone] > 1:
            if phone in seen:
                changes.left_out.append(Finding(person.row.row, "phone", "duplicate_phone", phone))
            seen.add(phone)
            person = replace(person, row=replace(person.row, phone=None))
        result.append(person)
    return result


class _Roll:
    """The people in the database, and what an import does to them."""

    def __init__(self, session: Session, valid_from: date, changes: RosterChanges, areas: Areas) -> None:
        self.session, self.valid_from, self.changes, self.areas = session, valid_from, changes, areas
        self.chiefs = {chief.id: chief for chief in session.scalars(select(Chief))}
        self.posts = [post for post in session.scalars(select(Post)) if post.valid_to is None]
        self.streets: dict[int, list[str]] = defaultdict(list)
        for post_id, street in session.execute(select(PostStreet.post_id, PostStreet.street_code)):
            self.streets[post_id].append(street)
        self.orders = Counter(chief.code.rpartition("-L")[0] for chief in self.chiefs.values())
        self.kept: set[int] = set()

    def enter(self, person: Placed) -> None:
        """Add a person or bring the known one up to date."""
        post = self._known(person)
        if post is None:
            self._add(person)
            return
        self.kept.add(post.id)
        if self._update(post, person):
            self.changes.changed.append(self.chiefs[post.chief_id].code)
        else:
            self.changes.unchanged += 1

    def end_the_rest(self, placed: Sequence[Placed], lost: Sequence[_Lost]) -> None:
        """End the posts of levels that the sheet covers but does not list, save those that a lost row may mean."""
        levels = {person.row.level for person in placed}
        for post in self.posts:
            if post.level in levels and post.id not in self.kept and post.valid_from < self.valid_from:
                chief = self.chiefs[post.chief_id]
                meant = next((one.row.row for one in lost if one.may_mean(chief, post)), None)
                if meant is None:
                    self._end(post)
                else:
                    self.changes.held.append(Held(chief.code, chief.name, meant))

    def _end(self, post: Post) -> None:
        post.valid_to = self.valid_from - timedelta(days=1)
        chief = self.chiefs[post.chief_id]
        self.changes.ended.append(chief.code)
        self.changes.details.append(
            Change(chief.code, chief.name, "ended", "", self._names(post.area_code), post.valid_to.isoformat())
        )

    def _known(self, person: Placed) -> Post | None:
        for post in self.posts:
            chief = self.chiefs[post.chief_id]
            if post.id in self.kept or post.level != person.row.level:
                continue
            by_code = person.row.code is not None and chief.code == person.row.code
            if by_code or (chief.name == person.row.name and post.area_code == person.area_code):
                return post
        return None

    def _add(self, person: Placed) -> None:
        row = person.row
        code = row.code or self._next_code(person)
        if row.code and any(chief.code == row.code for chief in self.chiefs.values()):
            # Whose it is cannot be known from here: a code is never given to two.
            self.changes.left_out.append(Finding(row.row, "code", "code_taken", row.code))
            return
        chief = Chief(code=code, name=row.name, phone=row.phone, wecom_id=row.wecom_id)
        self.session.add(chief)
        self.session.flush()
        self.chiefs[chief.id] = chief
        self.kept.add(self._open(chief.id, person).id)
        self.changes.added.append(code)
        self.changes.details.append(Change(code, row.name, "added", "", self._names(person.area_code), row.title))

    def _open(self, chief_id: int, person: Placed) -> Post:
        row = person.row
        post = Post(
            chief_id=chief_id, level=row.level, title=row.title, office=row.office, area_code=person.area_code,
            valid_from=self.valid_from, valid_to=None, remark=row.remark,
        )  # fmt: skip
        self.session.add(post)
        self.session.flush()
        self._write_streets(post, person.streets if row.level != Level.COMMUNITY else ())
        return post

    def _write_streets(self, post: Post, streets: Sequence[str]) -> None:
        self.session.execute(delete(PostStreet).where(PostStreet.post_id == post.id))
        for street in streets:
            self.session.execute(insert(PostStreet).values(post_id=post.id, street_code=street))

    def _update(self, post: Post, person: Placed) -> bool:
        chief, row = self.chiefs[post.chief_id], person.row
        if person.doubtful:
            person = replace(person, streets=tuple(dict.fromkeys([*self.streets[post.id], *person.streets])))
        found = list(self._differences(post, person))
        self.changes.details.extend(Change(chief.code, row.name, "changed", *one) for one in found)
        if row.phone and chief.phone != row.phone:
            # Whom the directory names for the old phone is not asked for any more.
            chief.wecom_id = chief.wecom_asked_at = None
        chief.name, chief.phone = row.name, row.phone or chief.phone
        chief.wecom_id = row.wecom_id or chief.wecom_id
        if any(column not in ("name", "phone", "wecom_id") for column, _, _ in found):
            self._change_post(post, person)
        return bool(found)

    def _differences(self, post: Post, person: Placed) -> Iterator[tuple[str, str | None, str | None]]:
        chief, row = self.chiefs[post.chief_id], person.row
        if chief.name != row.name:
            yield "name", chief.name, row.name
        if post.title != row.title:
            yield "title", post.title, row.title
        if post.office != row.office:
            yield "office", post.office, row.office
        if row.level == Level.COMMUNITY and post.area_code != person.area_code:
            yield "community", self._names(post.area_code), self._names(person.area_code)
        held = sorted(self.streets[post.id])
        if row.level != Level.COMMUNITY and held != sorted(person.streets):
            yield "street", self._names(*held), self._names(*person.streets)
        if row.phone and chief.phone != row.phone:
            yield "phone", chief.phone, row.phone
        if row.wecom_id and chief.wecom_id != row.wecom_id:
            yield "wecom_id", chief.wecom_id, row.wecom_id

    def _change_post(self, post: Post, person: Placed) -> None:
        # What was done under the old post keeps it: it ends the day before, unless it begins on the same day.
        if post.valid_from < self.valid_from:
            post.valid_to = self.valid_from - timedelta(days=1)
            self.kept.add(self._open(post.chief_id, person).id)
            return
        post.title, post.office, post.area_code = person.row.title, person.row.office, person.area_code
        self._write_streets(post, person.streets if post.level != Level.COMMUNITY else ())

    def _names(self, *codes: str) -> str:
        return "、".join(self.areas.rows[code].name if code in self.areas.rows else code for code in codes)

    def _next_code(self, person: Placed) -> str:
        self.orders[person.area_code] += 1
        order = self.orders[person.area_code]
        return (
            f"{person.area_code}-L{order:02d}" if person.row.level == Level.DISTRICT else f"{person.area_code}-L{order}"
        )
