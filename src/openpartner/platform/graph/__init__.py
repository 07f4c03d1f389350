"""The Graph surface's conventions: paths, query options, envelopes, errors, ETags, batches, metadata. Knows no slice.

A slice declares its resources once (``edm.Resource``): the same table gives the JSON, what ``$filter``, ``$orderby``,
``$select`` and ``$expand`` may name, and the CSDL. Routes are registered without a version and served under both roots.
Source: graph-conventions.
"""
