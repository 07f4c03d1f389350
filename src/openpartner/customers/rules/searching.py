"""By what lists of customers may be filtered. Source: partner-center-conventions §10."""

from types import MappingProxyType

from openpartner.platform.http.filters import Fields, Operator

FILTER_FIELDS: Fields = MappingProxyType(
    dict.fromkeys(
        ("CompanyName", "Domain", "IndirectReseller", "IndirectCloudSolutionProvider"),
        frozenset({Operator.STARTS_WITH}),
    )
)
"""By what a list of customers may be filtered."""
