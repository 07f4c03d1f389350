"""Users as Graph shows and takes them. Source: graph-conventions §16, user."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType
from sqlalchemy import select

from openpartner.identity.models import Domain, User, UserType
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import (
    Kind,
    Property,
    Resource,
    boolean,
    declare,
    fixed,
    guid,
    instant,
    nested,
    on_request,
    text,
)
from openpartner.platform.graph.sql import texts
from openpartner.platform.work import UnitOfWork


def _identities(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, list[dict[str, str | None]]]:
    """How each user signs in: by its name, and a guest by its account at home."""
    rows = uow.db.execute(
        select(User.id, User.upn, User.user_type, Domain.name)
        .join(Domain, (Domain.tenant_id == User.tenant_id) & Domain.is_initial)
        .where(User.id.in_(keys))
    )
    found: dict[Any, list[dict[str, str | None]]] = {}
    for row in rows:
        by_name = {"signInType": "userPrincipalName", "issuer": row.name, "issuerAssignedId": row.upn}
        abroad = {"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": None}
        found[row.id] = [abroad, by_name] if row.user_type is UserType.GUEST else [by_name]
    return found


def _user_type(value: UserType) -> str:
    return value.value.capitalize()


IDENTITY = declare(text("signInType"), text("issuer"), text("issuerAssignedId"))

USER = Resource(
    name="user",
    entity_set="users",
    key=User.id,
    order=("displayName",),
    properties=declare(
        texts("businessPhones", User.business_phones),
        text("displayName", User.display_name, is_nullable=False),
        text("givenName", User.given_name),
        text("jobTitle", User.job_title),
        text("mail", User.mail),
        text("mobilePhone", User.mobile_phone),
        text("officeLocation", User.office_location),
        text("preferredLanguage", User.preferred_language),
        text("surname", User.surname),
        text("userPrincipalName", User.upn, compared=User.upn_key, is_nullable=False),
        guid("id", User.id, is_nullable=False),
        *on_request(
            boolean("accountEnabled", User.account_enabled),
            text("city", User.city),
            text("companyName", User.company_name),
            text("country", User.country),
            instant("createdDateTime", User.created_at, is_nullable=False),
            instant("deletedDateTime", User.deleted_at),
            text("department", User.department),
            text("employeeId", User.employee_id),
            text("externalUserState", User.invitation_state),
            instant("externalUserStateChangeDateTime", User.invitation_state_at),
            text("faxNumber", User.fax_number),
            Property(
                name="identities",
                kind=Kind.COMPLEX,
                type_name="objectIdentity",
                members=IDENTITY,
                load=_identities,
                is_collection=True,
            ),
            instant("lastPasswordChangeDateTime", User.password_changed_at),
            text("mailNickname", User.mail_nickname),
            fixed("onPremisesSyncEnabled", None, Kind.BOOLEAN),
            text("onPremisesImmutableId", User.on_premises_immutable_id),
            fixed("onPremisesDomainName", None),
            fixed("onPremisesLastSyncDateTime", None, Kind.INSTANT),
            fixed("onPremisesSamAccountName", None),
            texts("otherMails", User.other_mails),
            text("passwordPolicies", User.password_policies),
            fixed("passwordProfile", None, Kind.COMPLEX, type_name="passwordProfile"),
            text("postalCode", User.postal_code),
            texts("proxyAddresses", User.proxy_addresses),
            boolean("showInAddressList", User.show_in_address_list),
            nested(
                "signInActivity",
                "signInActivity",
                instant("lastSignInDateTime", User.last_sign_in_at),
                instant("lastSuccessfulSignInDateTime", User.last_sign_in_at),
                null_unless="lastSignInDateTime",
            ),
            instant("signInSessionsValidFromDateTime", User.sessions_valid_from),
            text("state", User.state),
            text("streetAddress", User.street_address),
            text("usageLocation", User.usage_location),
            text("userType", User.user_type, wire=_user_type),
        ),
    ),
    search=("displayName", "mail", "givenName", "surname", "userPrincipalName"),
    is_directory=True,
)


class PasswordProfile(Change, kw_only=True):
    """A password given by an administrator."""

    password: str | UnsetType | None = UNSET
    force_change_password_next_sign_in: bool | UnsetType | None = UNSET
    force_change_password_next_sign_in_with_mfa: bool | UnsetType | None = UNSET


class UserChange(Change, kw_only=True):
    """What a user takes. Members are named as the directory names them."""

    account_enabled: bool | UnsetType = UNSET
    display_name: str | UnsetType | None = UNSET
    mail_nickname: str | UnsetType | None = UNSET
    user_principal_name: str | UnsetType = UNSET
    password_profile: PasswordProfile | UnsetType | None = UNSET
    business_phones: list[str] | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    company_name: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    department: str | UnsetType | None = UNSET
    employee_id: str | UnsetType | None = UNSET
    fax_number: str | UnsetType | None = UNSET
    given_name: str | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    mail: str | UnsetType | None = UNSET
    mobile_phone: str | UnsetType | None = UNSET
    office_location: str | UnsetType | None = UNSET
    on_premises_immutable_id: str | UnsetType | None = UNSET
    other_mails: list[str] | UnsetType | None = UNSET
    password_policies: str | UnsetType | None = UNSET
    postal_code: str | UnsetType | None = UNSET
    preferred_language: str | UnsetType | None = UNSET
    show_in_address_list: bool | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    street_address: str | UnsetType | None = UNSET
    surname: str | UnsetType | None = UNSET
    usage_location: str | UnsetType | None = UNSET
    user_type: str | UnsetType = UNSET

    def details(self) -> dict[str, Any]:
        """What is stored as it is given, by the columns' names; null clears."""
        given = self.given()
        special = {"account_enabled", "password_profile", "user_type", "user_principal_name"}
        found = {name: _stored(name, value) for name, value in given.items() if name not in special}
        if "user_principal_name" in given:
            found["upn"] = given["user_principal_name"]
        return found


def _stored(name: str, value: Any) -> Any:
    if value is None and name != "show_in_address_list":
        return [] if name in {"business_phones", "other_mails"} else ""
    return value
