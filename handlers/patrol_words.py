"""How a patrol is worded (巡林用语): prompts, choices and receipts."""

from collections.abc import Sequence

from handlers import old_tree_words
from handlers.talk import Talk
from models.draft import Draft
from models.message import Button, Reply
from rules.evidence import COUNTED, Reason
from rules.localtime import local_date
from services import consent, draft, duty, grid, problem_draft
from services.patrol import Recorded
from services.post import posts_on

_IN_A_ROW = 2
_GRIDS_A_PAGE = 12
_SHOWN_OF_A_NOTE = 60


def line(talk: Talk, recorded: Recorded) -> str:
    """The receipt in one line, as the replay files it: the number first, then whether it counts."""
    if recorded.verdict.verdict == COUNTED:
        return talk.say("patrol.receipt", number=recorded.number)
    return talk.say("patrol.receipt_but", number=recorded.number, why=why_not(talk, recorded))


def receipt(talk: Talk, recorded: Recorded, trees: old_tree_words.Near = ()) -> Reply:
    """The receipt with the progress of the period, and what can still be done."""
    text = [line(talk, recorded)]
    counted = recorded.verdict.verdict == COUNTED
    for item in duty.progress(talk.session, talk.chief.id, recorded.patrolled_on)[:1]:
        fields = {"period": talk.say(f"duty.this_{item.period}"), "done": item.done, "owed": item.owed}
        if counted:
            text = [talk.say("patrol.receipt_nth", number=recorded.number, **fields)]
        else:
            text.append(talk.say("patrol.progress", **fields))
    if counted and _nothing_left(recorded):
        text[0] += talk.say("patrol.nothing_left")
    if counted and recorded.booking.outside_m:
        text.append(talk.say("patrol.outside_counted", metres=round(recorded.booking.outside_m)))
    if recorded.photos_awaited:
        text.append(talk.say("patrol.photos_not_come", n=recorded.photos_awaited))
    text += old_tree_words.offer(talk, trees, "old_tree.near_receipt")
    buttons = [talk.button("patrol.undo", recorded.id), talk.button("problem.after", recorded.id)]
    if not recorded.photos or recorded.photos_awaited:
        buttons.insert(0, talk.button("patrol.late_photo", recorded.id))
    rows = (tuple(buttons), *old_tree_words.buttons(talk, trees, f"patrol:{recorded.id}"))
    return Reply("\n".join(text), rows, patrol_id=recorded.id)


def why_not(talk: Talk, recorded: Recorded) -> str:
    """Why a patrol does not count, and what to do about it."""
    rules = recorded.policy.rules
    bucket = recorded.verdict.bucket
    # Without a position nothing was measured in metres.
    alone = bucket == Reason.WITHIN_5_MIN and not recorded.located
    return talk.say(
        "patrol.why.within_5_min_alone" if alone else f"patrol.why.{bucket}",
        outside_m=round(recorded.booking.outside_m or 0), max_outside_m=round(rules.max_outside_m),
        minutes=rules.repeat_window_s // 60, metres=round(rules.repeat_distance_m),
    )  # fmt: skip


def prompt(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """What the draft holds, what may still be sent, and the buttons."""
    photos = draft.photos_in(talk.session, opened)
    located = draft.location_of(talk.session, opened) is not None or opened.grid_version_id is not None
    ask = talk.say(_asks(opened, photos > 0, located, without_position(talk, opened)))
    trees = old_tree_words.near(talk, opened)
    rows = (*_choices(talk, opened, photos), *old_tree_words.buttons(talk, trees, f"draft:{opened.id}"))
    text = "\n".join([*held(talk, opened), *old_tree_words.offer(talk, trees), ask])
    return [Reply(text, rows, draft_id=opened.id)]


def _asks(opened: Draft, photos: bool, located: bool, by_hand: bool) -> str:
    if not located:
        return "patrol.ask_grid" if by_hand else "patrol.ask_location"
    if photos:
        return "patrol.ask_nothing"
    # It names the button that is shown: where a problem was noted, not all is well.
    return "patrol.ask_photo_of_problem" if opened.problem_type else "patrol.ask_photo"


def held(talk: Talk, opened: Draft, where: Sequence[str] | None = None) -> list[str]:
    """What the draft holds, a line each; `where` in place of the grid that its position lies in."""
    photos, note = draft.photos_in(talk.session, opened), draft.notes_in(talk.session, opened)
    awaited = draft.photos_awaited(talk.session, opened)
    return [
        *(_where(talk, opened) if where is None else where),
        *([talk.say("patrol.photos", photos=photos)] if photos else []),
        *([talk.say("patrol.photos_awaited", n=awaited)] if photos and awaited else []),
        *([talk.say("patrol.photo_forwarded")] if talk.message.forwarded and talk.message.photos else []),
        *([talk.say("patrol.noted", note=_short(note))] if note else []),
        *([talk.say("patrol.problem_noted", problem=opened.problem_type)] if opened.problem_type else []),
        *old_tree_words.noted(talk, opened),
    ]


def nothing_yet(talk: Talk, opened: Draft) -> Sequence[Reply]:
    """提交 of nothing: said once, with one tap that records it all the same."""
    only = talk.button("patrol.only_record", opened.id)
    return [Reply(talk.say("draft.empty"), ((only,), (_drop(talk, opened),)), draft_id=opened.id)]


def submit_or_drop(talk: Talk, opened: Draft) -> tuple[Button, Button]:
    """提交 and 取消, for a question that need not be answered first."""
    return _submit(talk, opened, "plain"), _drop(talk, opened)


def choose_grid(talk: Talk, opened: Draft, erased: bool) -> Sequence[Reply]:
    """The own grids to choose from, for those who share no position; by streets where they are many."""
    day = local_date(talk.now, talk.zone)
    said = [*held(talk, opened), talk.say("consent.choose_grid" if erased else "consent.respected")]
    streets = grid.own_streets(talk.session, talk.chief.id, day)
    if len(streets) < 2 or len(grid.own_names(talk.session, talk.chief.id, day)) <= _GRIDS_A_PAGE:
        return _grids(talk, opened, said, None, 0)
    buttons = [Button(name, "patrol.grids", f"{opened.id}:{code}:0") for code, name in streets]
    rows = (*_rows(buttons), submit_or_drop(talk, opened))
    return [Reply("\n".join([*said, talk.say("patrol.which_street")]), rows, draft_id=opened.id)]


def grids_of_street(talk: Talk, opened: Draft, street: str | None, offset: int) -> Sequence[Reply]:
    """A page of the own grids of a street."""
    return _grids(talk, opened, [], street, offset)


def _grids(talk: Talk, opened: Draft, said: list[str], street: str | None, offset: int) -> Sequence[Reply]:
    names = grid.own_names(talk.session, talk.chief.id, local_date(talk.now, talk.zone), street)
    page = names[offset : offset + _GRIDS_A_PAGE]
    buttons = [Button(name, "patrol.grid", f"{opened.id}:{id_}") for id_, name in page]
    steps = [
        talk.button("patrol.grids", f"{opened.id}:{street or ''}:{at}", label=talk.say(label))
        for label, at in (("count.newer", offset - _GRIDS_A_PAGE), ("count.older", offset + _GRIDS_A_PAGE))
        if 0 <= at < len(names)
    ]
    if not said or steps:
        first, last = offset + 1, offset + len(page)
        said = [*said, talk.say("patrol.which_grid", first=first, last=last, total=len(names))]
    rows = (*_rows(buttons), *((tuple(steps),) if steps else ()), submit_or_drop(talk, opened))
    return [Reply("\n".join(said), rows, draft_id=opened.id)]


def _where(talk: Talk, opened: Draft) -> list[str]:
    location = draft.location_of(talk.session, opened)
    if location is None:
        return _chosen(talk, opened)
    if location.forwarded:
        return [talk.say("patrol.location_forwarded")]
    day = local_date(talk.now, talk.zone)
    posts = posts_on(talk.session, opened.chief_id, day)
    booking = grid.book(talk.session, posts, day, location.lon, location.lat)
    if booking.grid_version_id is None:
        return [talk.say("patrol.located_nowhere")]
    street, name = grid.names(talk.session, booking.grid_version_id)
    if booking.outside_m:
        return [talk.say("patrol.located_outside", street=street, grid=name, metres=round(booking.outside_m))]
    return [talk.say("patrol.located", street=street, grid=name)]


def _chosen(talk: Talk, opened: Draft) -> list[str]:
    if opened.grid_version_id is None:
        return []
    street, name = grid.names(talk.session, opened.grid_version_id)
    return [talk.say("patrol.grid_chosen", street=street, grid=name)]


def _choices(talk: Talk, opened: Draft, photos: int) -> tuple[tuple[Button, ...], ...]:
    rest = [talk.button("patrol.problem", opened.id)]
    if not photos:
        rest.append(talk.button("patrol.skip", opened.id))
    rows = ((_submit(talk, opened, "primary"),), (*rest, _drop(talk, opened)))
    return (*rows, (talk.button("patrol.choose_grid", opened.id),)) if without_position(talk, opened) else rows


def without_position(talk: Talk, opened: Draft) -> bool:
    """Whether the grid is to be chosen by hand, and was not yet."""
    return opened.grid_version_id is None and consent.answer_of(talk.session, opened.account_id) is False


def _submit(talk: Talk, opened: Draft, style: str) -> Button:
    if opened.kind == problem_draft.KIND:
        return talk.button("problem.submit", opened.id, style)
    # Where a problem was noted, not all is well.
    label = talk.say("button.patrol_submit_plain") if opened.problem_type or style == "plain" else None
    return talk.button("patrol.submit", opened.id, style, label)


def _drop(talk: Talk, opened: Draft) -> Button:
    return talk.button("patrol.cancel", opened.id, "danger")


def _nothing_left(recorded: Recorded) -> bool:
    """Whether nothing is missing and nothing odd, and no problem waits for anybody."""
    whole = recorded.photos > 0 and (recorded.located or recorded.booking.grid_version_id is not None)
    return whole and not (recorded.booking.outside_m or recorded.problem or recorded.photos_awaited)


def _short(note: str) -> str:
    return note if len(note) <= _SHOWN_OF_A_NOTE else f"{note[:_SHOWN_OF_A_NOTE]}…"


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[n : n + _IN_A_ROW]) for n in range(0, len(buttons), _IN_A_ROW))
