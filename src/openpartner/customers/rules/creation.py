"""What a customer needs to be created, and what of it is stored.

Source: commerce-rules §3; partner-center-resources §2; portal-workspaces §2.2.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from openpartner.platform import addresses, countries
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Invalid, InvalidFields
from openpartner.platform.registration import check_registration

SANDBOX_CUSTOMERS = 75
"""How many customers a partner may have in the sandbox. Source: partner-center-conventions §18."""


class SandboxFull(Invalid):
    """Source: partner-center-conventions §19, 800018."""

    code = 800018

    def __init__(self) -> None:
        super().__init__(f"The sandbox holds {SANDBOX_CUSTOMERS} customers at most; delete one first.")


LONGEST_COMPANY_NAME = 256
LONGEST_EMAIL = 320
LONGEST_DOMAIN_PREFIX = 27

INITIAL_DOMAINS = ("onmicrosoft.com",)
"""Under which names a customer tenant gets its first domain."""

_EMAIL = re.compile(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")
_PREFIX = re.compile(rf"^[a-z0-9]([a-z0-9-]{{0,{LONGEST_DOMAIN_PREFIX - 2}}}[a-z0-9])?$", re.IGNORECASE)


@dataclass(frozen=True)
class NewCustomer:
    """What a partner says of a customer to be created; ``accepted`` gives it back as it is stored."""

    domain: str
    company_name: str
    email: str
    culture: str
    language: str
    address: Address
    registration_number: str = ""
    first_name: str = ""
    last_name: str = ""


class PasswordNotAllowed(Invalid):
    """The first administrator's password is made here. Source: partner-center-resources §2, Customer."""

    def __init__(self) -> None:
        super().__init__("Leave userCredentials out: the first administrator's password is in the answer.")


def initial_domain(text: str, suffixes: Iterable[str] = INITIAL_DOMAINS) -> str | None:
    """The first domain of a tenant, in small letters, from a prefix or a whole name; None when it cannot be one."""
    allowed = tuple(suffixes)
    prefix, dot, suffix = text.strip().lower().partition(".")
    if not _PREFIX.match(prefix) or (dot and suffix not in allowed):
        return None
    return f"{prefix}.{suffix or allowed[0]}"


def accepted(customer: NewCustomer, *, suffixes: Iterable[str] = INITIAL_DOMAINS) -> NewCustomer:
    """The customer as it is stored: domain in small letters, tidy address. Whether the domain is free is not asked.

    Raises InvalidFields with every member that is wrong, then the errors of ``check_registration``.
    """
    domain = initial_domain(customer.domain, suffixes)
    problems = billing_problems(
        company_name=customer.company_name,
        email=customer.email,
        culture=customer.culture,
        language=customer.language,
        address=customer.address,
    )
    if domain is None:
        problems["domain"] = (
            f"The domain must be a prefix of up to {LONGEST_DOMAIN_PREFIX} letters and digits, "
            f"then .{' or .'.join(suffixes)}."
        )
    if domain is None or problems:
        raise InvalidFields(problems)
    address = addresses.normalised(customer.address)
    check_registration(address.country, customer.registration_number, address.phone_number)
    return replace(
        customer,
        domain=domain,
        company_name=customer.company_name.strip(),
        email=customer.email.strip(),
        language=customer.language.lower(),
        address=address,
        registration_number=customer.registration_number.strip(),
    )


def billing_problems(*, company_name: str, email: str, culture: str, language: str, address: Address) -> dict[str, str]:
    """What is wrong with a billing profile: each member with one sentence. Also for replacing one."""
    problems = {
        "company_name": ""
        if 0 < len(company_name.strip()) <= LONGEST_COMPANY_NAME
        else (f"The company name must have 1 to {LONGEST_COMPANY_NAME} characters."),
        "email": "" if is_email(email) else "The email address must have the form name@domain.",
        "culture": "" if countries.is_culture(culture) else "The culture must be a supported one, such as en-US.",
        "language": "" if countries.is_language(language) else "The language must be two letters, such as en.",
    }
    found = {member: sentence for member, sentence in problems.items() if sentence}
    return found | addresses.problems_of(address, person=True)


def is_email(text: str) -> bool:
    return len(text) <= LONGEST_EMAIL and _EMAIL.match(text.strip()) is not None


class AssociatedPartnerNotAllowed(Invalid):
    """Only an indirect provider creates customers for a reseller. Source: partner-center-resources §2, Customer."""

    def __init__(self) -> None:
        super().__init__("Only an indirect provider may name an associatedPartnerId; leave it out.")
