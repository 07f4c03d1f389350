"""Who is meant by everybody of a tenant, by code."""

EVERY_PARTNER_USER = (
    "GA UM BA AA SA HA ACC PA BPA RA RU CO IA IU ERV RV CA SEC DU OWN MGR DEV BC FC MKT"  # with or without a role
)
EVERY_OPERATOR = "OPA OPV OPC OPS OPB"
EVERY_CUSTOMER_USER = "CGA CBA CUA CU"
