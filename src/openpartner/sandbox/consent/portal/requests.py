"""What waits for consent and what can be ended: the lists, and the answer to one or to many."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import DomainError
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.formats import plural_form
from openpartner.platform.web.forms import CSRF_FIELD, Form, blank_form, local_path
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.consent import queries, service
from openpartner.sandbox.consent.models import ConsentDecision
from openpartner.sandbox.consent.pages import page_of
from openpartner.sandbox.consent.portal.shared import (
    ANSWER_WORDS,
    DONE_WORDS,
    EVERY,
    KINDS,
    PAGE,
    ROOT,
    crumbs_to,
    read_answer,
    tabs_of,
)
from openpartner.sandbox.consent.queries import Position
from openpartner.sandbox.consent.rules import MATTER_WORDS, Answer, Matter
from openpartner.sandbox.consent.service import Reply
from openpartner.sandbox.consent.sources import Criteria, Subject


def _decides(subject: Subject) -> object:
    if subject.decider_id is not None:
        return Noted(subject.decider_name, subject.recipient) if subject.recipient else subject.decider_name
    return Noted("Nobody known", subject.recipient) if subject.recipient else "Whoever opens the link"


def _asker(subject: Subject) -> object:
    return Noted(subject.asker_name, f"with {subject.provider_name}") if subject.provider_id else subject.asker_name


def _planned(subject: Subject) -> object:
    decision = subject.decision
    if decision is None:
        return None
    if decision.answer is Answer.IGNORE:
        return Badge("Ignored", "neutral")
    return Badge(ANSWER_WORDS[decision.answer], "success" if decision.answer is Answer.APPROVE else "danger")


def _due(subject: Subject) -> object:
    return None if subject.decision is None else subject.decision.due_at


_WHAT = Column[Subject]("title", "Request", lambda each: Noted(each.title, MATTER_WORDS[each.matter]))
_WAITING: tuple[Column[Subject], ...] = (
    Column(
        "title",
        "Request",
        lambda each: Noted(each.title, MATTER_WORDS[each.matter]),
        href=lambda each: f"{ROOT}/requests/{each.id}",
    ),
    Column("asker", "Asked by", _asker),
    Column("decides", "Decides", _decides),
    Column("since", "Waits since", lambda each: each.since_at),
    Column("until", "Lapses", lambda each: each.until_at, optional=True),
    Column("planned", "Planned", _planned),
    Column("due", "Due", _due),
)
_RUNNING: tuple[Column[Subject], ...] = (
    _WHAT,
    Column("asker", "With", _asker),
    Column("decides", "Consented", _decides),
    Column("since", "Since", lambda each: each.since_at),
    Column("until", "Ends", lambda each: each.until_at),
)


def _answer_action(subject: Subject, answer: Answer, back: str, confirm: Confirm | None = None) -> Action:
    icons = {
        Answer.APPROVE: "checkmark_circle",
        Answer.REFUSE: "dismiss_circle",
        Answer.IGNORE: "clock",
        Answer.END: "link_dismiss",
    }
    return Action(
        ANSWER_WORDS[answer],
        post=f"{ROOT}/answer",
        icon=icons[answer],
        fields={"id": subject.id, "answer": answer.value, "back": back},
        confirm=confirm,
    )


def _waiting_actions(subject: Subject) -> list[Action]:
    if subject.decider_id is None:
        return [Action("Answer", href=f"{ROOT}/requests/{subject.id}", icon="edit")]
    return [_answer_action(subject, each, ROOT) for each in (Answer.APPROVE, Answer.REFUSE, Answer.IGNORE)]


def _ending_actions(subject: Subject) -> list[Action]:
    ends = Confirm("End it?", f"{subject.decider_name} takes its consent back.", "End", danger=True)
    return [_answer_action(subject, Answer.END, f"{ROOT}/running", ends)]


def _list(
    page: Page,
    path: str,
    columns: Sequence[Column[Subject]],
    *,
    read: Callable[..., queries.SubjectPage],
    actions: Callable[[Subject], Sequence[Action]],
    empty: Empty,
    bulk: Sequence[Action] = (),
) -> Response[Any]:
    with page.begin.read() as uow:
        asked = read_list_request(path, page.request.query_params.multi_items(), columns=columns, filters=[KINDS])
        kind = asked.filters.get("kind", "")
        criteria = Criteria(matter=Matter(kind) if kind else None, text=asked.search)
        if asked.export:
            rows = read(uow, criteria, EVERY).subjects
            chunks = list(export_chunks(asked.export, columns, rows, title="Consent", created_at=uow.now))
            return Stream(chunks, headers=export_headers(asked.export, "Consent", uow.now))
        after = read_token(asked.after, Position) if asked.after else None
        found = read(uow, criteria, PAGE, after=after)
        table = Table(
            "consent",
            "Consent",
            columns,
            found.subjects,
            asked,
            empty,
            search_label="Search by name or address",
            filters=[KINDS],
            next_key=make_token(found.after) if found.after is not None else "",
            row_actions=actions,
            row_key=(lambda each: each.id) if bulk else None,
            bulk=bulk,
        )
        return page.render(uow, "sandbox/consent_list.html", listed=table, tabs=tabs_of(path), crumbs=crumbs_to())


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def waiting(page: NamedDependency[Page]) -> Response[Any]:
    """What waits for somebody's consent."""
    empty = Empty(
        "Nothing waits for consent",
        "Requests for admin relationships, invitations of customers and of resellers appear here as they are sent.",
        icon="checkmark_circle",
    )
    bulk = [
        Action(ANSWER_WORDS[each], post=f"{ROOT}/answers/{each.value}")
        for each in (Answer.APPROVE, Answer.REFUSE, Answer.IGNORE)
    ]
    return _list(page, ROOT, _WAITING, read=queries.page_of_waiting, actions=_waiting_actions, empty=empty, bulk=bulk)


@get(f"{ROOT}/running", include_in_schema=False, sync_to_thread=True)
def running(page: NamedDependency[Page]) -> Response[Any]:
    """What was consented to and can be ended by who consented."""
    empty = Empty("Nothing runs", "What was consented to stands here until it ends.", icon="handshake")
    return _list(page, f"{ROOT}/running", _RUNNING, read=queries.page_of_running, actions=_ending_actions, empty=empty)


# Answers


@post(f"{ROOT}/answer", include_in_schema=False, sync_to_thread=True)
def answer_one(page: NamedDependency[Page]) -> Response[bytes]:
    """The button of one row."""
    form = page.form
    back = local_path(form.get("back"), ROOT)
    answer = read_answer(form.get("answer"))
    try:
        with page.portal.world.begin(SYSTEM) as uow:
            decided = service.answer_request(uow, form.get("id"), Reply(answer))
            note = _said(decided)
    except DomainError as refusal:
        return page.redirect(back, note=refusal.message, tone="warning")
    return page.redirect(back, note=note)


def _said(decided: ConsentDecision) -> str:
    by = f" by {decided.admin}" if decided.admin else ""
    return f"{decided.title or 'It'} was {DONE_WORDS[decided.answer]}{by}."


@post(f"{ROOT}/answers/{{answer:str}}", include_in_schema=False, sync_to_thread=True)
def answer_many(answer: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """The same answer to every chosen row, each in a unit of its own; who cannot be answered is named."""
    wanted = read_answer(answer)
    done, problems = 0, []
    for subject_id in page.form.all("selected"):
        try:
            with page.portal.world.begin(SYSTEM) as uow:
                service.answer_request(uow, subject_id, Reply(wanted))
            done += 1
        except DomainError as refusal:
            problems.append(refusal.message)
    text = f"{done} {plural_form(done, 'request')} {DONE_WORDS[wanted]}."
    if problems:
        return page.redirect(ROOT, note=f"{text} {len(problems)} not: {problems[0]}", tone="warning")
    return page.redirect(ROOT, note=text)


def _request_page(
    page: Page, uow: UnitOfWork, subject: Subject, form: Form[Any], *, status: int = 200
) -> Response[str]:
    return page.render(
        uow,
        "sandbox/consent_request.html",
        status=status,
        f=form,
        subject=subject,
        kind=MATTER_WORDS[subject.matter],
        decides=_decides(subject),
        planned=_planned(subject),
        due=_due(subject),
        path=f"{ROOT}/requests/{subject.id}",
        portal_page=page_of(subject),
        buttons=[] if subject.decider_id is None else _waiting_actions(subject),
        answers=[Choice(each.value, ANSWER_WORDS[each]) for each in (Answer.APPROVE, Answer.REFUSE, Answer.IGNORE)],
        crumbs=crumbs_to(subject.title),
    )


@get(f"{ROOT}/requests/{{subject_id:str}}", include_in_schema=False, sync_to_thread=True)
def one_request(subject_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """One request, to be answered as a named customer and administrator."""
    with page.begin.read() as uow:
        subject = queries.waiting_subject(uow, subject_id)
        return _request_page(page, uow, subject, blank_form({"answer": Answer.APPROVE.value}))


@post(f"{ROOT}/requests/{{subject_id:str}}", include_in_schema=False, sync_to_thread=True)
def answer_request(subject_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Answer it; what is refused stands on the page."""
    sent = page.form
    form = Form[Any]({name: values for name, values in sent.pairs.items() if name != CSRF_FIELD})
    reply = Reply(read_answer(sent.get("answer")), sent.get("decider"), sent.get("admin"), sent.get("reason"))
    try:
        with page.portal.world.begin(SYSTEM) as uow:
            note = _said(service.answer_request(uow, subject_id, reply))
    except DomainError as refusal:
        form.refuse_because(refusal)
    else:
        return page.redirect(ROOT, note=note)
    with page.begin.read() as uow:
        return _request_page(page, uow, queries.waiting_subject(uow, subject_id), form, status=422)


ROUTES: list[Any] = [waiting, running, answer_one, answer_many, one_request, answer_request]
