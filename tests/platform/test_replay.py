"""Kept answers: given again to the very request only, and closed to whoever reads the table."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update

from openpartner.platform import replay
from openpartner.platform.errors import Conflict
from openpartner.platform.replay import Answer, KeptAnswer, RequestStamp
from openpartner.platform.vault import seal_for, unseal_for
from tests.support.lab import Lab

TENANT = UUID(int=7)
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
ANSWER = Answer(201, b'{"password":"Tall-Harbor-4193"}', {"location": "/v1/x"})


def stamp(body: bytes = b'{"domain":"a"}', request_id: str = "1") -> RequestStamp:
    return RequestStamp.of("POST /v1/customers", request_id, body)


def kept(lab: Lab, key: str = "") -> bytes:
    with lab.begin() as uow:
        replay.keep(uow.db, TENANT, stamp(), ANSWER, AT, secret_key=key)
        uow.db.flush()
        return uow.db.scalars(select(KeptAnswer.body)).one()


@pytest.mark.parametrize("key", ["", "a secret key"])
def test_a_repetition_is_given_the_same_bytes_and_the_table_holds_none_of_them(lab: Lab, key: str) -> None:
    stored = kept(lab, key)

    with lab.read() as uow:
        assert replay.find(uow.db, TENANT, stamp(), key) == ANSWER
        assert replay.find(uow.db, TENANT, stamp(request_id="2"), key) is None
    assert b"Tall-Harbor" not in stored


def test_another_body_under_the_same_id_is_refused(lab: Lab) -> None:
    kept(lab)
    with lab.read() as uow, pytest.raises(Conflict) as refused:
        replay.find(uow.db, TENANT, stamp(b"{}"), "")
    assert refused.value.code == 800060


def test_an_answer_sealed_with_a_key_that_is_gone_is_not_made_anew(lab: Lab) -> None:
    kept(lab, "old")
    with lab.read() as uow, pytest.raises(Conflict, match="Read what it made instead of repeating it"):
        replay.find(uow.db, TENANT, stamp(), "new")


def test_an_answer_kept_by_the_release_before_is_given_again(lab: Lab) -> None:
    kept(lab)
    with lab.begin() as uow:
        uow.db.execute(update(KeptAnswer).values(body=ANSWER.body))
    with lab.read() as uow:
        assert replay.find(uow.db, TENANT, stamp(), "") == ANSWER


def test_what_is_sealed_is_the_same_each_time_and_opens_in_its_place_only() -> None:
    sealed = seal_for(b"reader", b"content", "key", about=b"here")

    assert seal_for(b"reader", b"content", "key", about=b"here") == sealed
    assert unseal_for(b"reader", sealed, "key", about=b"here") == b"content"
    for reader, key, place in ((b"other", "key", b"here"), (b"reader", "", b"here"), (b"reader", "key", b"there")):
        with pytest.raises(InvalidTag):
            unseal_for(reader, sealed, key, about=place)
