"""The operator's desk for customers: account reviews and qualifications that wait for a decision."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries, service
from openpartner.customers.portal.shared import QUALIFICATION_WORDS, partner_name
from openpartner.platform import addresses, permissions
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb


@get("/operator/customers", include_in_schema=False, sync_to_thread=True)
def vetting_desk(page: NamedDependency[Page]) -> Response[str]:
    """What waits, the oldest first."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.OPERATOR_CUSTOMERS.read)
        reviews = []
        for customer in queries.customers_under_review(uow):
            address = queries.billing_profile(uow, customer).default_address
            lines = (address.address_line1, address.address_line2, address.city, address.state, address.postal_code)
            reviews.append(
                {
                    "customer": customer,
                    "partner": partner_name(uow, customer.partner_id),
                    "address": ", ".join(line for line in lines if line),
                    "doubt": addresses.check(address).message,
                }
            )
        asked = [
            {
                "asked": one,
                "words": QUALIFICATION_WORDS[one.qualification.value],
                "customer": customer,
                "partner": partner_name(uow, customer.partner_id),
            }
            for one, customer in queries.qualifications_in_review(uow)
        ]
        return page.render(
            uow,
            "customers/vetting.html",
            reviews=reviews,
            qualifications=asked,
            may_decide=uow.actor.may(permissions.OPERATOR_CUSTOMERS.write),
            crumbs=[Crumb("Home", "/"), Crumb("Customer vetting")],
        )


@post("/operator/customers/{commerce_id:uuid}/review", include_in_schema=False, sync_to_thread=True)
def decide_review(commerce_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Allow or refuse the account."""
    allow = page.form.get("decision") == "allow"
    with page.begin() as uow:
        service.decide_customer_review(uow, commerce_id, allow=allow, reason=page.form.get("reason"))
    return page.redirect(
        "/operator/customers", note="The account was allowed." if allow else "The account was refused."
    )


@post("/operator/customers/qualifications/{qualification_id:uuid}", include_in_schema=False, sync_to_thread=True)
def decide_qualification(qualification_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Approve or deny the qualification."""
    approve = page.form.get("decision") == "approve"
    with page.begin() as uow:
        service.decide_qualification(uow, qualification_id, approve=approve, reason=page.form.get("reason"))
    note = "The qualification was approved." if approve else "The qualification was denied."
    return page.redirect("/operator/customers", note=note)


ROUTES: list[Any] = [vetting_desk, decide_review, decide_qualification]
