"""The link of a reseller relationship in all its forms, and who may accept it. Source: gdap §14."""

from dataclasses import replace
from uuid import UUID

import pytest

from openpartner.partner.rules import PartnerKind, Region
from openpartner.platform.errors import DomainError
from openpartner.relationships.rules import reselling as rules
from openpartner.relationships.rules.reselling import LinkKind, Present, ResellerLink, Seller

PARTNER = UUID("11111111-1111-4111-8111-111111111111")
PROVIDER = UUID("22222222-2222-4222-8222-222222222222")
MAIL = UUID("33333333-3333-4333-8333-333333333333")
DIRECT = ResellerLink(LinkKind.DIRECT, PARTNER)
INDIRECT = ResellerLink(LinkKind.INDIRECT, PARTNER, "4847383", PROVIDER)
OPEN = replace(INDIRECT, provider_id=None)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            DIRECT,
            (
                f"/Adminportal/Home?invType=ResellerRelationship&partnerId={PARTNER}&msppId=0&DAP=false"
                "#/BillingAccounts/partner-invitation"
            ),
        ),
        (
            OPEN,
            (
                f"/Adminportal/Home?invType=IndirectResellerRelationship&partnerId={PARTNER}&msppId=4847383&DAP=false"
                "#/BillingAccounts/partner-invitation"
            ),
        ),
        (
            INDIRECT,
            (
                f"/Adminportal/Home?invType=IndirectResellerRelationship&partnerId={PARTNER}&msppId=4847383"
                f"&indirectCSPId={PROVIDER}&DAP=false#/BillingAccounts/partner-invitation"
            ),
        ),
        (
            DIRECT.of_invitation(MAIL),
            (
                f"/Adminportal/Home?invType=ResellerRelationship&partnerId={PARTNER}&msppId=0&DAP=false"
                f"&invitationId={MAIL}#/BillingAccounts/partner-invitation"
            ),
        ),
    ],
)
def test_a_link_has_the_originals_form(link: ResellerLink, url: str) -> None:
    assert link.url("https://portal.example") == f"https://portal.example{url}"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (DIRECT, f"/partner/partnersignup.aspx?type=ResellerRelationship&id={PARTNER}&csp=1&msppid=0"),
        (
            INDIRECT,
            (
                f"/partner/partnersignup.aspx?type=IndirectResellerRelationship&id={PARTNER}&csp=1&msppid=4847383"
                f"&indirectCSP={PROVIDER}"
            ),
        ),
    ],
)
def test_a_link_has_the_older_form_too(link: ResellerLink, url: str) -> None:
    assert link.legacy_url("https://portal.example") == f"https://portal.example{url}"


@pytest.mark.parametrize(
    ("query", "link"),
    [
        ({"invtype": "ResellerRelationship", "partnerid": str(PARTNER), "msppid": "0", "dap": "false"}, DIRECT),
        ({"invtype": "resellerrelationship", "partnerid": str(PARTNER), "dap": "true"}, DIRECT),
        (
            {
                "invtype": "IndirectResellerRelationship",
                "partnerid": str(PARTNER).upper(),
                "msppid": " 4847383",
                "indirectcspid": str(PROVIDER),
            },
            INDIRECT,
        ),
        (
            {"type": "ResellerRelationship", "id": str(PARTNER), "csp": "1", "msppid": "0"},
            DIRECT,
        ),
        (
            {
                "type": "IndirectResellerRelationship",
                "id": str(PARTNER),
                "csp": "1",
                "msppid": "4847383",
                "indirectcsp": str(PROVIDER),
            },
            INDIRECT,
        ),
        (
            {"invtype": "ResellerRelationship", "partnerid": str(PARTNER), "invitationid": str(MAIL)},
            DIRECT.of_invitation(MAIL),
        ),
        ({"invtype": "ResellerRelationship"}, None),
        ({"partnerid": str(PARTNER)}, None),
        ({"invtype": "Friendship", "partnerid": str(PARTNER)}, None),
        ({"invtype": "ResellerRelationship", "partnerid": "contoso"}, None),
        ({"invtype": "ResellerRelationship", "partnerid": str(PARTNER), "indirectcspid": "x"}, None),
    ],
)
def test_both_forms_are_read(query: dict[str, str], link: ResellerLink | None) -> None:
    if link is None:
        with pytest.raises(rules.LinkUnreadable):
            rules.read_link(query)
    else:
        assert rules.read_link(query) == link


@pytest.mark.parametrize(
    ("kind", "provider", "indirect", "link"),
    [
        (PartnerKind.DIRECT_BILL, None, None, DIRECT),
        (PartnerKind.DIRECT_BILL, None, False, DIRECT),
        (PartnerKind.INDIRECT_PROVIDER, None, None, DIRECT),
        (PartnerKind.INDIRECT_RESELLER, None, None, OPEN),
        (PartnerKind.INDIRECT_RESELLER, None, False, OPEN),
        (PartnerKind.INDIRECT_RESELLER, PROVIDER, True, INDIRECT),
        (PartnerKind.DIRECT_BILL, None, True, None),
        (PartnerKind.INDIRECT_PROVIDER, None, True, None),
        (PartnerKind.DIRECT_BILL, PROVIDER, None, None),
    ],
)
def test_each_kind_of_partner_asks_in_its_own_way(
    kind: PartnerKind, provider: UUID | None, indirect: bool | None, link: ResellerLink | None
) -> None:
    if link is None:
        with pytest.raises(rules.NotAskable):
            rules.link_of(PARTNER, kind, "4847383", provider_id=provider, indirect=indirect)
    else:
        assert rules.link_of(PARTNER, kind, "4847383", provider_id=provider, indirect=indirect) == link


AMERICAS, EUROPE = Region.AMERICAS, Region.EUROPE_MIDDLE_EAST_AFRICA
SELLER = Seller("Contoso", PartnerKind.DIRECT_BILL, AMERICAS, frozenset({"1000001"}))
SHOP = Seller("Shop", PartnerKind.INDIRECT_RESELLER, AMERICAS, frozenset({"4847383"}))
DISTRI = Seller("Distri", PartnerKind.INDIRECT_PROVIDER, AMERICAS, frozenset({"2000002"}))


@pytest.mark.parametrize(
    ("_case", "link", "asker", "provider", "partners", "error"),
    [
        ("sells itself", DIRECT, SELLER, None, False, None),
        ("a provider sells itself", DIRECT, DISTRI, None, False, None),
        ("with its provider", INDIRECT, SHOP, DISTRI, True, None),
        (
            "somebody else's Partner ID",
            INDIRECT,
            replace(SHOP, mpns=frozenset({"1"})),
            DISTRI,
            True,
            rules.AskerUnknown,
        ),
        ("out of the programme", DIRECT, replace(SELLER, kind=None), None, False, rules.NotInGoodStanding),
        ("a reseller with a direct link", DIRECT, SHOP, None, False, rules.KindUnfit),
        ("a seller with an indirect link", replace(INDIRECT, partner_mpn=""), SELLER, DISTRI, True, rules.KindUnfit),
        ("no provider named", OPEN, SHOP, None, False, rules.ProviderMissing),
        ("the provider is out", INDIRECT, SHOP, replace(DISTRI, kind=None), True, rules.NotInGoodStanding),
        ("no provider at all", INDIRECT, SHOP, SELLER, True, rules.NotInGoodStanding),
        ("not partners", INDIRECT, SHOP, DISTRI, False, rules.NotPartners),
    ],
)
def test_who_may_ask(
    _case: str,
    link: ResellerLink,
    asker: Seller,
    provider: Seller | None,
    partners: bool,
    error: type[DomainError] | None,
) -> None:
    if error is None:
        wanted = provider if link.kind is LinkKind.INDIRECT else asker
        assert rules.check_sellers(link, asker, provider, are_partners=partners) is wanted
        return
    with pytest.raises(error):
        rules.check_sellers(link, asker, provider, are_partners=partners)


@pytest.mark.parametrize(
    ("_case", "link", "country", "present", "error", "code"),
    [
        ("new", DIRECT, "US", None, None, 0),
        ("new, combined", INDIRECT, "US", None, None, 0),
        ("the provider's own customer gets a reseller", INDIRECT, "US", Present(False, ""), None, 0),
        ("another region", DIRECT, "DE", None, rules.MarketNotServed, 2030),
        ("already", DIRECT, "US", Present(False, ""), rules.AlreadyRelated, 800064),
        ("already through a reseller", DIRECT, "US", Present(False, "Shop"), rules.AlreadyRelated, 800064),
        ("already, combined", INDIRECT, "US", Present(True, "Shop"), rules.AlreadyRelated, 800064),
        ("another reseller", INDIRECT, "US", Present(False, "Bazaar"), rules.ProviderHasOtherReseller, 800064),
    ],
)
def test_which_customer_may_accept(
    _case: str,
    link: ResellerLink,
    country: str,
    present: Present | None,
    error: type[DomainError] | None,
    code: int,
) -> None:
    asker, seller = (SHOP, DISTRI) if link.kind is LinkKind.INDIRECT else (SELLER, SELLER)
    if error is None:
        rules.check_customer(link, asker, seller, country, present)
        return
    with pytest.raises(error) as refused:
        rules.check_customer(link, asker, seller, country, present)
    assert refused.value.code == code
