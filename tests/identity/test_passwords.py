"""What a stored password costs whoever guesses at it."""

from argon2 import PasswordHasher

from openpartner.identity import passwords
from openpartner.identity.passwords import fits, hash_password, is_outdated, make_hasher


def test_a_hash_costs_what_owasp_names_as_the_least() -> None:
    assert make_hasher().hash("Tall-Harbor-4193").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_stored_password_fits_and_no_other() -> None:
    stored = hash_password("Tall-Harbor-4193", lambda count: b"s" * count)

    assert fits(stored, "Tall-Harbor-4193")
    assert not fits(stored, "tall-harbor-4193")
    assert not fits(None, "nobody has this password")
    assert not fits("not a hash", "Tall-Harbor-4193")


def test_a_hash_of_less_cost_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash("x"))
    assert not is_outdated(passwords.hash_password("x", lambda count: b"s" * count))
