"""A granular relationship from its draft to its end. Source: gdap §3."""

from datetime import timedelta

import pytest

from tests.support.granting import HELPDESK, Grants
from tests.support.lab import Lab


@pytest.fixture
def grants(lab: Lab) -> Grants:
    return Grants(lab)


def test_from_draft_to_active(grants: Grants) -> None:
    key = grants.create()
    assert grants.status(key) == "created"
    grants.lock(key)
    assert grants.status(key) == "approvalPending"
    grants.approve(key)
    assert grants.status(key) == "approved"
    grants.settle()
    assert grants.status(key) == "active"
    row = grants.row(key)
    assert row is not None
    assert row.activated_at is not None
    assert row.end_at == row.activated_at + timedelta(days=730)
    assignment_id = grants.assign(key, HELPDESK)
    assert grants.access() == frozenset()
    grants.settle()
    assert grants.access() == {HELPDESK}
    grants.terminate(key)
    assert grants.access() == frozenset()
    grants.settle()
    assert grants.status(key) == "terminated"
    assert grants.requests(key) == [
        ("lockForApproval", "succeeded", "partner"),
        ("approve", "succeeded", "customer"),
        ("terminate", "succeeded", "partner"),
    ]
    assert grants.assignment(assignment_id).status.value == "deleted"
    grants.lab.advance(timedelta(days=364))
    assert grants.status(key) == "terminated"
    grants.lab.advance(timedelta(days=1))
    assert grants.status(key) == "gone"
