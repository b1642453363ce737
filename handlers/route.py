"""Who answers what (分派): a message goes to the conversation that it belongs to."""

from collections.abc import Callable, Sequence
from functools import cache

from handlers import (
    audit,
    calibrate,
    consent,
    count,
    count_records,
    digest,
    duty,
    emergency,
    enrol,
    feedback,
    forest_order,
    grid_picture,
    meeting,
    meeting_record,
    meeting_task,
    member,
    old_tree,
    old_tree_count,
    overdue,
    patrol,
    platform,
    problem,
    problem_act,
    problem_count,
    problem_parts,
    problem_storm,
    question,
    recording,
    referral,
    reminder,
    review,
    schedule,
    simple,
    snapshot,
    summary,
    upload,
)
from handlers import map as live_map
from handlers.talk import Talk
from locales import all_words
from models.message import Kind, Press, Reply
from services import draft, outbox
from services.refused import Refused

Replies = Sequence[Reply]

_ACTIONS: dict[str, Callable[[Talk, str], Replies]] = {
    "patrol.begin": patrol.begin,
    "patrol.submit": patrol.submit,
    "patrol.skip": patrol.submit,
    "patrol.cancel": patrol.cancel,
    "patrol.problem": patrol.problem,
    "patrol.problem_chosen": patrol.problem_chosen,
    "patrol.only_record": patrol.submit,
    "patrol.choose_grid": patrol.choose_grid,
    "patrol.grids": patrol.grids,
    "patrol.grid": patrol.grid_chosen,
    "patrol.of_text": patrol.of_text,
    "patrol.undo": patrol.undo,
    "patrol.withdraw": patrol.withdraw,
    "patrol.keep": patrol.keep,
    "patrol.late_photo": patrol.late_photo,
    "consent.yes": consent.agree,
    "consent.no": consent.refuse,
    "meeting.register": meeting.register,
    "meeting.register_again": meeting.register_again,
    "meeting.drop": meeting.drop,
    "meeting.take_back": meeting.take_back,
    "language.set": simple.language_set,
    "help": simple.help_,
    "mine": simple.mine,
    "count.records": count_records.records,
    "count.rest": count_records.records,
    "count.meetings": count_records.meetings,
    "count.choose": count.choose,
    "count.again": count.again,
    "count.asked": count.asked,
    "summary": summary.of_year,
    "summary.document": summary.document,
    "summary.workbook": summary.workbook,
    "summary.calendar": summary.calendar,
    "summary.streets": summary.streets,
    "snapshot.ask": snapshot.ask,
    "snapshot.publish": snapshot.publish,
    "snapshot.compare": snapshot.compare,
    "snapshot.records": snapshot.records,
    "map.again": grid_picture.again,
    "referral.ask": referral.ask,
    "referral.hand_over": referral.hand_over,
    "referral.pack": referral.pack,
    "referral.received": referral.received,
    "referral.answered": referral.answered,
    "review.next": review.next_,
    "review.accept": review.accept,
    "review.void": review.void,
    "review.because": review.because,
    "upload.chosen": upload.chosen,
    "upload.confirm": upload.confirm,
    "upload.drop": upload.drop,
    "member.confirm": member.confirm,
    "member.deny": member.deny,
    "remind.now": reminder.now,
    "remind.later": reminder.later,
    "remind.leave": reminder.leave,
    "remind.resume": schedule.resume,
    "duties.end": duty.end,
    "overdue.letter": overdue.letter,
    "emergency.confirm": emergency.confirm,
    "emergency.answer": emergency.answer,
    "emergency.tally": emergency.tally,
    "emergency.end": emergency.end,
    "meeting.list": meeting_record.list_,
    "meeting.open": meeting_record.open_,
    "meeting.chair": meeting_record.edit,
    "meeting.attendees": meeting_record.edit,
    "meeting.topics": meeting_record.edit,
    "meeting.resolutions": meeting_record.edit,
    "meeting.minutes": meeting_record.edit,
    "meeting.task": meeting_record.edit,
    "meeting.people": meeting_record.people,
    "meeting.person": meeting_record.person,
    "meeting.leave_out": meeting_record.leave_out,
    "meeting.papers": meeting_record.papers,
    "meeting.tasks": meeting_task.list_,
    "meeting.owner": meeting_task.owner,
    "meeting.done": meeting_task.done,
    "meeting.undone": meeting_task.undone,
    "meeting.task_drop": meeting_task.drop,
    "order.level": forest_order.level,
    "order.attach": forest_order.attach,
    "order.issue": forest_order.issue,
    "order.drop": forest_order.drop,
    "order.received": forest_order.received,
    "order.open": forest_order.open_,
    "order.missing": forest_order.missing,
    "order.withdraw": forest_order.withdraw,
    "tree.seen": old_tree.seen,
    "tree.choose": old_tree.choose,
    "tree.unseen": old_tree_count.unseen,
    "problem.after": problem.after,
    "problem.type": problem.type_chosen,
    "problem.types": problem.types,
    "problem.severity": problem.severity_chosen,
    "problem.severities": problem.severities,
    "problem.submit": problem.submit,
    "problem.undo": problem.undo,
    "problem.add": problem_parts.add,
    "problem.storm": problem_storm.report,
    "problem.show": problem_act.show,
    "problem.count": problem_count.again,
    "problem.records": problem_count.records,
    "problem.page": problem_act.page,
    "problem.press": problem_act.press,
    "problem.answer": problem_act.answered,
    "problem.history": problem_act.history,
    "problem.pictures": problem_act.pictures,
    "problem.recordings": problem_act.recordings,
}
"""What the buttons do."""

_COMMANDS: dict[str, Callable[[Talk, str], Replies]] = {
    "start": enrol.start,
    "patrol": patrol.begin,
    "done": patrol.submit,
    "cancel": patrol.cancel,
    "undo": patrol.undo,
    "mine": simple.mine,
    "count": count.asked,
    "summary": summary.of_year,
    "why": snapshot.why,
    "map": live_map.asked,
    "refer": referral.asked,
    "review": review.asked,
    "meeting": meeting_record.asked,
    "privacy": simple.own_data,
    "feedback": feedback.asked,
    "help": simple.help_,
    "language": simple.language,
    "remind": schedule.asked,
    "duties": duty.asked,
    "overdue": overdue.asked,
    "digest": digest.asked,
    "emergency": emergency.asked,
    "plain": member.plain,
    "calibrate": calibrate.begin,
    "tree": old_tree_count.asked,
    "order": forest_order.asked,
    "problem": problem.begin,
    "problems": problem_act.listed,
    "grids": upload.grids,
    "roster": upload.roster,
}
"""What the words do; the words themselves stand in the catalogue under `command`."""

_IN_GROUPS = {"count", "summary", "help"}
"""What may be asked before others; the answers are those that the asker may see."""

_TAKES_ARGUMENT = {
    "start", "count", "summary", "why", "map", "refer", "review", "meeting", "feedback", "language", "calibrate",
    "remind", "duties", "overdue", "digest", "emergency", "problem", "problems", "tree", "order",
    "grids", "roster",
}  # fmt: skip

_TAKES_DAY = {"grids", "roster"}
"""Their words begin many a note; what follows must be a day, or it is no command."""


def answer(talk: Talk) -> Replies:
    """What we say to a message; raises `Refused` where it is not to be done."""
    if talk.message.in_group:
        return _in_group(talk)
    if talk.message.choice is not None and (chosen := _chosen(talk)):
        return chosen()
    if not _for_anyone(talk) and (asked := member.offer(talk)):
        return asked
    replies = _BY_KIND[talk.message.kind](talk)
    # A file beside photos is no part of the patrol; that is said, and not passed over.
    alone = talk.message.file is None or talk.message.kind == Kind.FILE or _paper(talk) is not None
    return replies if alone else [*replies, Reply(talk.say("chat.file_unexpected"))]


def refuse(talk: Talk, refusal: Refused) -> Replies:
    """A refusal in words; it has undone that a command or a button ends what we had asked."""
    if talk.message.kind == Kind.PRESS or _command(talk)[0]:
        _ask_no_more(talk)
    return [Reply(talk.say(refusal.key, **refusal.fields))]


def _ask_no_more(talk: Talk) -> str | None:
    """Whatever free text would have answered, it does so no more; gives what it was."""
    if talk.person.account is None:
        return None
    asked = talk.account.awaiting
    talk.account.awaiting = talk.account.awaiting_data = None
    return asked


def _press(talk: Talk) -> Replies:
    press = talk.message.press
    if press is None:
        raise Refused("chat.button_unknown")
    _ask_no_more(talk)
    button = outbox.pressed(talk.session, press, talk.message.channel, talk.message.chat_id)
    return _ACTIONS[button.do](talk, button.arg)


def _chosen(talk: Talk) -> Callable[[], Replies] | None:
    """What a number does that was typed for a button of our latest message; none where it is only a number."""
    said = talk.message
    if said.choice == 0:
        return lambda: member.plain(talk)
    shown = outbox.latest_choices(talk.session, said.channel, said.chat_id)
    if shown is None or talk.person.account is None or talk.person.account.awaiting:
        return None
    press = Press(shown, (said.choice or 0) - 1)
    try:
        button = outbox.pressed(talk.session, press, said.channel, said.chat_id)
    except Refused:
        return None
    return lambda: _ACTIONS[button.do](talk.as_press(press), button.arg)


def _for_anyone(talk: Talk) -> bool:
    # Help, language and complaints are for everybody, and a code says who one is.
    name, argument = command_of(talk.message.text) if talk.message.kind is Kind.TEXT else (None, "")
    return name in {"help", "language", "feedback", "privacy", "plain"} or (name == "start" and bool(argument))


def _in_group(talk: Talk) -> Replies:
    # A group is overheard by many: commands that name us are answered, and nothing is taken for a patrol.
    if talk.message.kind is not Kind.TEXT or not talk.message.named_us:
        return []
    name, argument = command_of(talk.message.text)
    return _COMMANDS[name](talk, argument) if name in _IN_GROUPS else [Reply(talk.say("chat.not_in_groups"))]


def _text(talk: Talk) -> Replies:
    name, argument = _command(talk)
    if name:
        asked = _ask_no_more(talk)
        return simple.stop(talk, asked) if name == "cancel" and asked else _COMMANDS[name](talk, argument)
    if talk.account.awaiting == "feedback":
        return feedback.told(talk, talk.message.text)
    if talk.account.awaiting in {"calibrate", "upload"}:
        _ask_no_more(talk)
    if talk.account.awaiting == "referral":
        return referral.told(talk, talk.message.text)
    if talk.account.awaiting == "review":
        return review.told(talk, talk.message.text)
    if talk.account.awaiting == "meeting":
        return meeting.told(talk, talk.message.text)
    if talk.account.awaiting == forest_order.ASKED:
        return forest_order.told(talk, talk.message.text)
    if talk.account.awaiting == meeting_record.ASKED:
        return meeting_record.told(talk, talk.message.text)
    if talk.account.awaiting == "problem":
        return problem_act.told(talk, talk.message.text)
    if problem_parts.takes(talk):
        return problem_parts.joined(talk)
    if talk.person.chief:
        return patrol.words(talk)
    if talk.person.offices and emergency.names_one(talk.message.text):
        return emergency.asked(talk, talk.message.text)
    return simple.help_(talk)


def _command(talk: Talk) -> tuple[str | None, str]:
    name, argument = command_of(talk.message.text)
    return (name, argument) if name else question.glued(talk, talk.message.text) or (None, "")


def command_of(text: str) -> tuple[str | None, str]:
    """The command that a text names, with what follows it; a word that takes no argument must stand alone."""
    head, argument = question.parts_of_command(text)
    head = head.casefold().lstrip("/").partition("@")[0]
    name = _words().get(head)
    if name and argument and (name not in _TAKES_ARGUMENT or (name in _TAKES_DAY and not argument[:1].isdigit())):
        return None, ""
    return name, argument


@cache
def _words() -> dict[str, str]:
    typed = {word.casefold(): name for name in _COMMANDS for word in all_words(f"command.{name}")}
    return {**typed, **{name: name for name in _COMMANDS}}


def _paper(talk: Talk) -> Callable[[Talk], Replies] | None:
    """What takes a photo or file as a paper, where we asked for one."""
    if meeting_record.takes_papers(talk):
        return meeting_record.paper
    return forest_order.paper if forest_order.takes_paper(talk) else None


def _photo(talk: Talk) -> Replies:
    if paper := _paper(talk):
        return paper(talk)
    if problem_parts.takes(talk):
        return problem_parts.joined(talk)
    problem_parts.check_unit(talk)
    if command_of(talk.message.text)[0] != "done":
        return patrol.part(talk)
    # 提交 under a photo is no note: it hands in what the photo completes.
    replies = patrol.part(talk.with_message(text=""))
    return patrol.submit(talk) if draft.of_account(talk.session, talk.account.id) else replies


def _file(talk: Talk) -> Replies:
    if paper := _paper(talk):
        return paper(talk)
    name, argument = command_of(talk.message.text)
    if name in _TAKES_DAY:
        _ask_no_more(talk)
        return _COMMANDS[name](talk, argument)
    if name is None and upload.fits(talk):
        return upload.arrived(talk)
    if not talk.message.text:
        raise Refused("chat.file_unexpected")
    return [*_text(talk), Reply(talk.say("chat.file_unexpected"))]


def _location(talk: Talk) -> Replies:
    if problem_parts.takes(talk):
        return problem_parts.joined(talk)
    return calibrate.compare(talk) if calibrate.compares(talk) else patrol.part(talk)


def _noted(talk: Talk) -> Replies:
    return calibrate.device_position(talk) if talk.message.location else member.noted(talk)


def _unknown(talk: Talk) -> Replies:
    raise Refused("chat.not_understood")


_BY_KIND: dict[Kind, Callable[[Talk], Replies]] = {
    Kind.SUBMISSION: patrol.submitted,
    Kind.MEETING: meeting.delivered,
    Kind.LOCATION: _location,
    Kind.PHOTO: _photo,
    Kind.RECORDING: recording.kept,
    Kind.ARRIVED: member.arrived,
    Kind.LEFT: member.left,
    Kind.RENAMED: member.renamed,
    Kind.ANNOUNCED: patrol.announced,
    Kind.PLATFORM: platform.told,
    Kind.NOTED: _noted,
    Kind.TEXT: _text,
    Kind.PRESS: _press,
    Kind.CONTACT: enrol.by_contact,
    Kind.TICK: patrol.moved,
    Kind.EDIT: patrol.edited,
    Kind.MEMBER: enrol.came_or_left,
    Kind.DRAFT_DUE: patrol.due,
    Kind.DIGEST_DUE: digest.due,
    Kind.EMERGENCY_OVER: emergency.over,
    Kind.MEETING_TASK_DUE: meeting_task.due,
    Kind.ANCHOR_DUE: audit.due,
    Kind.FILE: _file,
    Kind.UNKNOWN: _unknown,
}
