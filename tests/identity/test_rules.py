"""Rules of the directory and of signing in, by table."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from openpartner.identity import resources, rules
from openpartner.identity.errors import TABLE, OAuthError
from openpartner.identity.rules import Consent, Situation, Step, next_step
from openpartner.platform.identifiers import counted_identifiers

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, None), (9, None), (10, 1), (11, 2), (12, 4), (17, 128), (18, 240), (500, 240)]
)
def test_the_lock_begins_with_the_tenth_failure_and_doubles(failures: int, minutes: int | None) -> None:
    assert rules.lock_after(failures) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ab1!xyz", "it must have 8 to 256 characters."),
        ("A1!" + "x" * 254, "it must have 8 to 256 characters."),
        ("lowercase1", "it must mix three of lower case, upper case, digits and symbols."),
        ("xxAna.Lima99", "it must not contain your user name."),
        ("P@$$w0rd!9x", "it contains a word that is guessed first."),
    ],
)
def test_a_weak_password_is_refused(password: str, reason: str) -> None:
    with pytest.raises(rules.PasswordRefused) as refused:
        rules.check_password(password, "ana.lima@contoso.com")
    assert refused.value.message == f"Choose another password: {reason}"


def test_a_temporary_password_is_always_accepted() -> None:
    ids = counted_identifiers("s", "passwords")
    made = {rules.temporary_password(ids.pick) for _ in range(200)}
    for password in made:
        rules.check_password(password, "ana@contoso.com")
    assert len(made) == 200


@pytest.mark.parametrize(
    ("text", "split"),
    [("Ana@Contoso.com", ("Ana", "contoso.com")), ("o'brien+x@a.co.uk", ("o'brien+x", "a.co.uk"))],
)
def test_a_upn_is_split(text: str, split: tuple[str, str]) -> None:
    assert rules.split_upn(text) == split


@pytest.mark.parametrize("text", ["ana", "@contoso.com", "a b@contoso.com", "ana@", "ana@contoso", "a@b@.com"])
def test_what_is_no_upn_is_refused(text: str) -> None:
    with pytest.raises((rules.UpnInvalid, rules.DomainNameInvalid)):
        rules.split_upn(text)


@pytest.mark.parametrize(
    ("account", "address", "allowed"), [(0, 0, True), (19, 99, True), (20, 20, False), (3, 100, False)]
)
def test_the_rate_of_failures_is_limited_by_account_and_by_address(account: int, address: int, allowed: bool) -> None:
    if allowed:
        rules.check_rate(account, address)
        return
    with pytest.raises(OAuthError) as refused:
        rules.check_rate(account, address)
    assert (refused.value.number, refused.value.status, refused.value.retry_after) == (90033, 429, 60)


@pytest.mark.parametrize(
    ("amr", "method", "after"),
    [
        ([], "pwd", ["pwd"]),
        (["pwd"], "otp", ["pwd", "otp", "mfa"]),
        (["otp"], "pwd", ["otp", "pwd", "mfa"]),
        ([], "otp", ["otp"]),
        ([], "fido", ["fido", "mfa"]),
        (["pwd", "otp", "mfa"], "pwd", ["otp", "pwd", "mfa"]),
    ],
)
def test_two_kinds_or_a_passkey_make_it_mfa(amr: list[str], method: str, after: list[str]) -> None:
    assert rules.with_method(amr, method) == after


ADMIN, NONE = frozenset({resources.GLOBAL_ADMINISTRATOR}), frozenset[UUID]()


@pytest.mark.parametrize(
    ("forced", "defaults", "roles", "delegated", "needed"),
    [
        (False, True, NONE, False, False),
        (False, True, ADMIN, False, True),
        (False, False, ADMIN, False, False),
        (True, False, NONE, False, True),
        (False, False, NONE, True, True),
        (False, True, frozenset({UUID(int=7)}), False, False),
    ],
)
def test_who_must_show_a_second_factor(
    forced: bool, defaults: bool, roles: frozenset[UUID], delegated: bool, needed: bool
) -> None:
    assert rules.mfa_needed(forced=forced, security_defaults=defaults, roles=roles, delegated=delegated) is needed


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        (Situation(), Step.SIGN_IN),
        (Situation(accounts=1), Step.ANSWER),
        (Situation(accounts=2), Step.CHOOSE_ACCOUNT),
        (Situation(accounts=1, prompt="login"), Step.SIGN_IN),
        (Situation(accounts=1, prompt="select_account"), Step.CHOOSE_ACCOUNT),
        (Situation(accounts=0, prompt="select_account"), Step.SIGN_IN),
        (Situation(accounts=1, age=timedelta(61), max_age=timedelta(60)), Step.SIGN_IN),
        (Situation(accounts=1, age=timedelta(60), max_age=timedelta(60)), Step.ANSWER),
        (Situation(accounts=1, must_change_password=True, mfa_needed=True), Step.CHANGE_PASSWORD),
        (Situation(accounts=1, mfa_needed=True), Step.REGISTER_FACTOR),
        (Situation(accounts=1, mfa_needed=True, mfa_registered=True), Step.VERIFY_FACTOR),
        (Situation(accounts=1, mfa_needed=True, mfa_done=True), Step.ANSWER),
        (Situation(accounts=1, asked_to_stay=False, consent=Consent.USER_MAY_GIVE), Step.STAY_SIGNED_IN),
        (Situation(accounts=1, asked_to_stay=False, prompt="none"), Step.ANSWER),
        (Situation(accounts=1, consent=Consent.USER_MAY_GIVE), Step.CONSENT),
        (Situation(accounts=1, consent=Consent.ADMINISTRATOR_MUST_GIVE), Step.ASK_ADMINISTRATOR),
        (Situation(accounts=1, prompt="consent"), Step.CONSENT),
    ],
)
def test_the_next_page_is_the_first_thing_missing(situation: Situation, step: Step) -> None:
    assert next_step(situation) is step


@pytest.mark.parametrize(
    ("step", "number", "error"),
    [
        (Step.SIGN_IN, 50058, "login_required"),
        (Step.CHOOSE_ACCOUNT, 16000, "account_selection_required"),
        (Step.VERIFY_FACTOR, 50076, "interaction_required"),
        (Step.REGISTER_FACTOR, 50079, "interaction_required"),
        (Step.CHANGE_PASSWORD, 50055, "interaction_required"),
        (Step.CONSENT, 65001, "consent_required"),
        (Step.ASK_ADMINISTRATOR, 65001, "consent_required"),
    ],
)
def test_prompt_none_is_refused_where_a_page_would_be_shown(step: Step, number: int, error: str) -> None:
    refusal = rules.silent_refusal(step)
    assert (refusal.number, refusal.error) == (number, error)


def test_an_access_token_lives_60_to_90_minutes_and_24_to_28_hours_when_continuous() -> None:
    assert rules.access_token_lifetime(lambda bound: 0) == timedelta(minutes=60)
    assert rules.access_token_lifetime(lambda bound: bound - 1) == timedelta(minutes=90)
    assert rules.access_token_lifetime(lambda bound: 0, continuous=True) == timedelta(hours=24)
    assert rules.access_token_lifetime(lambda bound: bound - 1, continuous=True) == timedelta(hours=28)


def test_a_retired_key_is_published_for_longer_than_any_token_lives() -> None:
    longest = rules.access_token_lifetime(lambda bound: bound - 1, continuous=True)
    assert longest < rules.KEY_OVERLAP
    assert timedelta(hours=24) <= rules.KEY_OVERLAP


def test_a_refresh_token_rolls_90_days_but_a_single_page_apps_ends_with_its_day() -> None:
    later = AT + timedelta(hours=20)
    assert rules.refresh_token_expiry("web", AT, later) == later + timedelta(days=90)
    assert rules.refresh_token_expiry("spa", AT, later) == AT + timedelta(hours=24)
    for platform, number in (("web", 700082), ("spa", 700084)):
        rules.check_refresh_token(platform, AT, later, later - timedelta(seconds=1))
        with pytest.raises(OAuthError) as refused:
            rules.check_refresh_token(platform, AT, later, later)
        assert refused.value.number == number


@pytest.mark.parametrize(
    ("number", "error", "suberror", "status"),
    [
        (50020, "invalid_grant", "", 400),
        (50055, "invalid_grant", "user_password_expired", 400),
        (50076, "invalid_grant", "basic_action", 400),
        (50173, "invalid_grant", "bad_token", 400),
        (65001, "invalid_grant", "consent_required", 400),
        (700016, "unauthorized_client", "", 400),
        (7000215, "invalid_client", "", 401),
        (700027, "invalid_client", "", 401),
        (7000218, "invalid_client", "", 401),
        (90033, "temporarily_unavailable", "", 429),
        (70016, "authorization_pending", "", 400),
    ],
)
def test_the_table_says_what_a_number_means(number: int, error: str, suberror: str, status: int) -> None:
    row = TABLE[number]
    assert (row.error, row.suberror, row.status) == (error, suberror, status)


LISTED = """16000 50001 50011 50013 50020 50034 50049 50053 50055 50056 50057 50058 50059 50072 50074 50076 50078 50079
50105 50126 50140 50158 50173 50177 50194 500011 500121 500133 500212 500213 5000224 53000 53001 53002 53003 53004
530034 530035 54005 65001 65004 65005 650051 650052 650056 650057 70000 70001 70002 70003 70008 70011 70016 70018 70019
70020 700016 700025 700027 700082 700084 7000215 7000218 7000222 90002 90014 90019 90033 900023 900144 9002313 9002326
9002327"""


def test_every_number_of_the_reference_is_in_the_table() -> None:
    assert {int(number) for number in LISTED.split()} - set(TABLE) == set()


def test_a_text_names_its_facts_and_survives_braces_in_them() -> None:
    refusal = OAuthError(50020, user="{x}@a.com", idp="i", tenant="t", client_id="c")
    assert refusal.message.startswith(
        "User account '{x}@a.com' from identity provider 'i' does not exist in tenant 't'"
    )
