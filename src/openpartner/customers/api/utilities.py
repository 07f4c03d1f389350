"""What one asks before a customer exists: is the address right, the domain free, what does the country want.

Source: partner-center-endpoints, area utilities.
"""

from typing import Annotated, Any

from litestar import Response, get, head, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody

from openpartner.customers import rules
from openpartner.customers.wire import utilities as wire
from openpartner.identity import service as identity
from openpartner.platform import addresses, countries, permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.http.postal import Address
from openpartner.platform.work import Begin, UnitOfWork

ClientName = Annotated[str | None, HeaderParameter(name="MS-PartnerCenter-Client")]

READERS_OF_A_BOOLEAN = frozenset({"Partner Center Java SDK", "Partner Center PowerShell"})
"""Clients that fail on an object. Source: partner-center-conventions §15."""


@post(
    "/v1/validations/address",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1/validations/address", "permission": permissions.ADDRESS_VALIDATION.read},
)
def validate_address(
    data: JSONBody[Address], begin: NamedDependency[Begin], client: ClientName = None
) -> wire.AddressValidationResponse | bool:
    """What the offline check says of an address; to older clients only whether it will do."""
    with begin.read() as uow:
        uow.actor.require(permissions.ADDRESS_VALIDATION.read)
        address = data.read()
        check = addresses.check(address)
        if client in READERS_OF_A_BOOLEAN:
            return check.status not in wire.DOUBTFUL
        return wire.AddressValidationResponse.of(address, check)


@head(
    "/v1/domains/{domain:str}",
    sync_to_thread=True,
    opt={"operation": "HEAD /v1/domains/{domain}", "permission": permissions.CUSTOMERS_CREATE.read},
)
def check_domain(domain: FromPath[str], begin: NamedDependency[Begin]) -> Response[None]:
    """200: the domain is taken; 404: it is free."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS_CREATE.read)
        return Response(None, status_code=200 if _is_taken(uow, domain) else 404)


@get(
    "/v1/validations/checkdomainavailability/{prefix:str}",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/validations/checkdomainavailability/{domain-prefix}",
        "permission": permissions.CUSTOMERS_CREATE.read,
    },
)
def check_domain_prefix(prefix: FromPath[str], begin: NamedDependency[Begin]) -> bool:
    """Whether a customer may still be created with this prefix."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS_CREATE.read)
        return not _is_taken(uow, prefix)


def _is_taken(uow: UnitOfWork, text: str) -> bool:
    name = rules.initial_domain(text) if "." not in text else text
    if name is None:
        raise Invalid("A domain prefix has up to 27 letters, digits and hyphens.")
    return identity.is_domain_taken(uow, name)


@get(
    "/v1/countryvalidationrules/{country:str}",
    sync_to_thread=True,
    opt={"operation": "GET /v1/countryvalidationrules/{iso2}", "permission": permissions.CUSTOMERS.read},
)
def get_country_validation_rules(country: FromPath[str], begin: NamedDependency[Begin]) -> wire.CountryValidationRules:
    """What an address, a telephone number and a tax number look like in a country."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        return wire.CountryValidationRules.of(countries.rules_of(country))


ROUTES: list[Any] = [validate_address, check_domain, check_domain_prefix, get_country_validation_rules]
