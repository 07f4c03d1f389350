"""Catching, telling a catcher how to answer, forgetting."""

import json
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.catcher.models import Catch, Catcher
from openpartner.sandbox.catcher.rules import KEPT, TAKES, Answer, after_one, checked_answer, checked_name
from openpartner.webhooks.service import verify_webhook_message


def catch(uow: UnitOfWork, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Keep a message, judge its signatures, and say how it is to be answered. The first one makes the catcher.

    headers: names in lower case. Raises Invalid for a name that cannot be one.
    """
    catcher = _catcher(uow, name)
    verified = verify_webhook_message(uow, headers, body)
    answer, message_id = catcher.answer, headers.get("webhook-id", "")[:200]
    uow.db.add(
        Catch(
            catcher=catcher.name,
            at=uow.now,
            headers=dict(headers),
            body=body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
            event_name=_event_name(body),
            message_id=message_id,
            by_secret=verified.by_secret,
            by_certificate=verified.by_certificate,
            tenant_id=verified.tenant_id,
            answered=answer.status,
            delay=answer.delay,
            is_repeat=bool(message_id) and _has(uow, catcher.name, message_id),
        )
    )
    catcher.answer = after_one(answer)
    uow.db.flush()
    _forget_oldest(uow, catcher.name)
    return answer


def tell_catcher(uow: UnitOfWork, name: str, answer: Answer) -> Catcher:
    """How to answer from now on. Makes the catcher where there is none. Raises Invalid."""
    checked_answer(answer)
    catcher = _catcher(uow, name)
    catcher.answer = answer
    uow.db.flush()
    return catcher


def forget_catcher(uow: UnitOfWork, name: str) -> None:
    """The catcher and all that it caught. Raises NotFound."""
    found = uow.db.get(Catcher, name.lower())
    if found is None:
        raise NotFound("Catcher", name)
    uow.db.execute(delete(Catch).where(Catch.catcher == found.name))
    uow.db.delete(found)


def _catcher(uow: UnitOfWork, name: str) -> Catcher:
    """The catcher, locked; made where there is none."""
    key = checked_name(name)
    wanted = select(Catcher).where(Catcher.name == key).with_for_update()
    found = uow.db.scalar(wanted)
    if found is not None:
        return found
    made = Catcher(name=key, made_at=uow.now)
    made.answer = TAKES
    try:
        with uow.db.begin_nested():
            uow.db.add(made)
    except IntegrityError:  # another message of the same moment made it
        return uow.db.scalars(wanted).one()
    return made


def _has(uow: UnitOfWork, name: str, message_id: str) -> bool:
    """Whether the catcher holds this message already."""
    held = select(Catch.number).where(Catch.catcher == name, Catch.message_id == message_id).limit(1)
    return uow.db.scalar(held) is not None


def _event_name(body: bytes) -> str:
    """What the body says it tells; nothing for a body of another kind."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    name = content.get("EventName") if isinstance(content, dict) else None
    return name[:200] if isinstance(name, str) else ""


def _forget_oldest(uow: UnitOfWork, name: str) -> None:
    last = uow.db.scalar(
        select(Catch.number).where(Catch.catcher == name).order_by(Catch.number.desc()).offset(KEPT).limit(1)
    )
    if last is not None:
        uow.db.execute(delete(Catch).where(Catch.catcher == name, Catch.number <= last))
