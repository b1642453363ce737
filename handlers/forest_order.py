"""林长令 (orders): written by an office, shown before they go, sent to chiefs, receipted by one tap."""

import re
from collections.abc import Sequence

from handlers import forest_order_words
from handlers.areas import named, own_office, today
from handlers.talk import Talk
from locales import LANGUAGES, all_words, say
from models.area import Area
from models.document import Document
from models.forest_order import ForestOrder
from models.message import Attachment, Button, Reply, Table
from services import document, forest_order
from services.forest_order import Draft
from services.refused import Refused
from services.summary import LEVELS

Replies = Sequence[Reply]
ASKED = "order"
_LATEST = 8
_NAMES = 40
_NUMBERS = ("to", "received", "open", "unreached")


def asked(talk: Talk, argument: str = "") -> Replies:
    """林长令 [第N号] [areas, levels] title, text below: shown before it goes; alone, the latest ones."""
    area = own_office(talk, "order.not_yours")
    if not argument.strip():
        return _latest(talk)
    number, codes, levels, title, text, issuer = _read(talk, argument)
    wanted = Draft(area.code, today(talk).year, number, title, text, issuer, levels or LEVELS, codes or [area.code])
    return [_preview(talk, forest_order.draft(talk.session, wanted, talk.account.id, talk.now))]


def level(talk: Talk, arg: str) -> Replies:
    """A level that it goes to, or not."""
    id_, _, one = arg.partition(":")
    found = _draft(talk, id_)
    forest_order.toggle_level(talk.session, found, one)
    return [_preview(talk, found)]


def attach(talk: Talk, arg: str) -> Replies:
    """加附件: the next photo or file."""
    found = _draft(talk, arg)
    talk.account.awaiting, talk.account.awaiting_data = ASKED, {"order": found.id}
    return [Reply(talk.say("order.send_paper"))]


def takes_paper(talk: Talk) -> bool:
    """Whether a photo or file is the paper of an order now."""
    return talk.person.account is not None and talk.account.awaiting == ASKED


def paper(talk: Talk) -> Replies:
    """The paper of an order; a later one takes its place."""
    found = _draft(talk, (talk.account.awaiting_data or {}).get("order", 0))
    kept = document.keep(talk.session, talk.message, talk.account.id)
    found.document_id = kept[0].id
    talk.account.awaiting = talk.account.awaiting_data = None
    return [_preview(talk, found)]


def told(talk: Talk, _text: str) -> Replies:
    """Words where we asked for a paper."""
    return [Reply(talk.say("order.send_paper"))]


def issue(talk: Talk, arg: str) -> Replies:
    """确认发布: numbered and sent, once."""
    own_office(talk, "order.not_yours")
    found = _draft(talk, arg)
    if found.area_code not in talk.person.offices:
        raise Refused("order.not_yours")
    forest_order.issue(talk.session, found, today(talk), talk.now)
    if not talk.spend_buttons():
        raise Refused("chat.button_used")
    said = {one: _letter(talk, found, one) for one in LANGUAGES}
    forest_order.send(talk.session, found, said, talk.default_language, talk.now)
    talk.audit("order.issued", f"order:{found.id}", found.area_code)
    return [_card(talk, found, "order.issued")]


def drop(talk: Talk, arg: str) -> Replies:
    """取消: nothing is issued."""
    _draft(talk, arg)
    talk.spend_buttons()
    return [Reply(talk.say("stop.order"))]


def received(talk: Talk, arg: str) -> Replies:
    """已收到."""
    found = forest_order.receive(talk.session, int(arg), talk.chief.id, talk.now)
    talk.audit("order.received", f"order:{found.id}", found.area_code)
    return [Reply(talk.say("order.thanks", name=forest_order_words.name(talk.language, found)))]


def open_(talk: Talk, arg: str) -> Replies:
    """Who has received it, by street."""
    return [_card(talk, _visible(talk, arg))]


def missing(talk: Talk, arg: str) -> Replies:
    """未收名单: names, for the office that answers for them."""
    found = _visible(talk, arg)
    rows = forest_order.missing(talk.session, found.id, talk.person)
    talk.audit("order.missing_listed", f"order:{found.id}", found.area_code, str(len(rows)))
    if not rows:
        return [Reply(talk.say("order.all_received"))]
    title = talk.say("order.missing", name=forest_order_words.name(talk.language, found), n=len(rows))
    columns = tuple(talk.say(f"order.column.{name}") for name in ("chief", "area", "why"))
    cells = tuple(
        (one.name, one.area, talk.say("order.not_yet" if one.sent else "order.unreached")) for one in rows[:_NAMES]
    )
    return [Reply(title, table=Table(title, columns, cells))]


def withdraw(talk: Talk, arg: str) -> Replies:
    """撤回: within 24 hours, by the office that issued it; whoever got it is told."""
    found = _visible(talk, arg)
    if not forest_order.is_own(found, talk.person):
        raise Refused("order.not_yours")
    forest_order.withdraw(talk.session, found, talk.now)
    talk.audit("order.withdrawn", f"order:{found.id}", found.area_code)
    said = {
        one: Reply(say(one, "order.was_withdrawn", name=forest_order_words.name(one, found), title=found.title))
        for one in LANGUAGES
    }
    forest_order.send(talk.session, found, said, talk.default_language, talk.now)
    return [Reply(talk.say("order.withdrawn", name=forest_order_words.name(talk.language, found)))]


def _latest(talk: Talk) -> Replies:
    rows = forest_order.latest(talk.session, talk.person, _LATEST)
    if not rows:
        return [Reply(talk.say("order.how"))]
    buttons = tuple(
        (talk.button("order.open", one.id, label=f"{forest_order_words.name(talk.language, one)} {one.title}"[:60]),)
        for one in rows
    )
    return [Reply(f"{talk.say('order.latest')}\n{talk.say('order.how')}", buttons)]


def _preview(talk: Talk, found: ForestOrder) -> Reply:
    to, unreached = forest_order.reaches(talk.session, found, today(talk))
    areas = [talk.session.get_one(Area, code).name for code in found.area_codes]
    lines = [
        talk.say("order.preview"), *forest_order_words.body(talk.language, found),
        talk.say(
            "order.goes_to", areas=talk.say("order.comma").join(areas), to=to, unreached=unreached,
            levels=talk.say("order.comma").join(talk.say(f"level.{one}") for one in found.levels),
        ),
    ]  # fmt: skip
    if found.document_id:
        lines.append(talk.say("order.paper", name=talk.session.get_one(Document, found.document_id).name))
    levels = tuple(
        talk.button("order.level", f"{found.id}:{one}", label=talk.say(
            "order.level_on" if one in found.levels else "order.level_off", level=talk.say(f"level.{one}")
        ))
        for one in LEVELS
    )  # fmt: skip
    go = (talk.button("order.issue", found.id, "danger"), talk.button("order.attach", found.id),
          talk.button("order.drop", found.id))  # fmt: skip
    return Reply("\n".join(lines), (levels, go))


def _card(talk: Talk, found: ForestOrder, key: str = "order.card") -> Reply:
    rows = forest_order.tally(talk.session, found.id, talk.person)
    to, got, out = (sum(getattr(row, name) for row in rows) for name in ("to", "received", "unreached"))
    name = forest_order_words.name(talk.language, found)
    text = talk.say(key, name=name, title=found.title, day=found.issued_on, to=to, received=got, unreached=out)
    if found.withdrawn_at is not None:
        text = f"{text}\n{talk.say('order.withdrawn', name=name)}"
    columns = tuple(talk.say(f"order.column.{one}") for one in ("street", *_NUMBERS))
    cells = tuple(
        (row.street or talk.say("level.district"), *(str(getattr(row, one)) for one in _NUMBERS)) for row in rows
    )
    buttons = [talk.button("order.open", found.id), talk.button("order.missing", found.id)]
    may = forest_order.is_own(found, talk.person) and found.withdrawn_at is None
    fresh = found.issued_at is not None and found.issued_at > talk.now - forest_order.WITHDRAW_FOR
    buttons += [talk.button("order.withdraw", found.id, "danger")] if may and fresh else []
    return Reply(text, (tuple(buttons),), Table(talk.say("order.receipts"), columns, cells))


def _letter(talk: Talk, found: ForestOrder, language: str) -> Reply:
    lines = [say(language, "order.letter", name=forest_order_words.name(language, found)),
             *forest_order_words.body(language, found)[1:], say(language, "order.please")]  # fmt: skip
    button = Button(say(language, "button.order_received"), "order.received", str(found.id), "primary")
    kept = talk.session.get_one(Document, found.document_id) if found.document_id else None
    facts = {"sha256": kept.sha256, "name": kept.name, "size": kept.size} if kept else {}
    paper = Attachment("kept_file", facts, language) if kept else None
    return Reply("\n".join(lines), ((button,),), attachment=paper)


def _read(talk: Talk, argument: str) -> tuple[int | None, list[str], list[str], str, str | None, str | None]:
    head, _, text = argument.strip().partition("\n")
    number, codes, levels, words = None, list[str](), list[str](), head.split()
    while words:
        known = {all_words(f"level.{one}"): one for one in LEVELS}
        level_ = next((one for texts, one in known.items() if words[0] in texts), None)
        digits = re.fullmatch(rf"(?:{_either('before')})(\d{{1,4}})(?:{_either('after')})?", words[0])
        area = None if level_ or digits or len(words) == 1 else named(talk, words[0])
        if digits and number is None:
            number = int(digits[1])
        elif level_:
            levels.append(level_)
        elif area:
            codes.append(area.code)
        else:
            break
        words = words[1:]
    text, issuer = _issuer(text.strip())
    return number, codes, levels, " ".join(words), text or None, issuer


def _issuer(text: str) -> tuple[str, str | None]:
    """The last line that says who signed, apart from the text."""
    rest, _, last = text.rpartition("\n")
    mark = next((one for one in all_words("order.words.issuer") if last.startswith(one)), None)
    return (rest.strip(), last[len(mark) :].strip(" :\uff1a")) if mark else (text, None)


def _either(name: str) -> str:
    return "|".join(map(re.escape, all_words(f"order.words.{name}")))


def _draft(talk: Talk, arg: object) -> ForestOrder:
    return forest_order.own_draft(talk.session, int(str(arg)), talk.account.id)


def _visible(talk: Talk, arg: str) -> ForestOrder:
    own_office(talk, "order.not_yours")
    return forest_order.visible(talk.session, int(arg), talk.person)
