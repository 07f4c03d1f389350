"""What is asked of name servers, and what it means when there is no answer."""

import socket

import pytest

from openpartner.platform.outgoing import records
from tests.support.names import name_server


def test_texts_are_found_and_a_name_without_any_has_none() -> None:
    with name_server() as names:
        names.published = {"contoso.com": ["MS=ms1", "v=spf1 -all"], "fabrikam.com": []}

        assert sorted(records.texts_of("contoso.com", names.address)) == ["MS=ms1", "v=spf1 -all"]
        assert records.texts_of("fabrikam.com", names.address) == []
        assert records.texts_of("nobody.com", names.address) == []


def test_no_answer_says_nothing_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PATIENCE", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))

        with pytest.raises(records.NamesUnanswered) as refused:
            records.texts_of("contoso.com", f"127.0.0.1:{silent.getsockname()[1]}")

    assert (refused.value.status, refused.value.code) == (503, "serviceNotAvailable")
