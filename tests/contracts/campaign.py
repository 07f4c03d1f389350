"""Schemathesis over a running server: generated calls of each described operation, half of them with ids that exist."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

GRAPH = ("/v1.0/", "/beta/")

Case = Any
"""A generated call; the library's own type is generic over the specification."""

Documented = Callable[[Case, int], bool]
"""Whether the description names this status for this operation."""


@dataclass(frozen=True)
class Target:
    """A server, tokens that it takes, and what exists in its world.

    token, graph_token: for the partner center and for Graph. known: ids by the path parameter that takes them, or by
    the segment before it and the parameter where a name stands for several things: ``groups/key``.
    """

    url: str
    token: str
    graph_token: str
    known: Mapping[str, str]

    def token_for(self, path: str) -> str:
        """The token of the surface that a path belongs to."""
        return self.graph_token if path.startswith(GRAPH) else self.token

    def existing(self, path: str, parameter: str) -> str | None:
        """What exists for a parameter of a path."""
        before = re.search(rf"([^/]+)/\{{{parameter}\}}", path)
        named = f"{before.group(1)}/{parameter}" if before else parameter
        return self.known.get(named, self.known.get(parameter))


@dataclass
class Campaign:
    """faults: what was answered and must not have been. statuses: what was answered at all, by operation."""

    target: Target
    faults: list[str] = field(default_factory=list)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def run(self, document: dict[str, Any], *, examples: int, documented: Documented) -> "Campaign":
        """``examples`` calls of each operation of a description; what destroys comes last."""
        operations = []
        for found in schemathesis.openapi.from_dict(document).get_all_operations():
            assert isinstance(found, Ok), found
            operations.append(found.ok())
        for operation in sorted(operations, key=lambda each: each.method.upper() == "DELETE"):
            self._exercise(operation, examples, documented)
        return self

    def _exercise(self, operation: Any, examples: int, documented: Documented) -> None:
        count: Iterator[int] = iter(range(1_000_000))

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Case) -> None:
            self._call(case, documented, existing=next(count) % 2 == 0)

        call()

    def _call(self, case: Case, documented: Documented, *, existing: bool) -> None:
        if existing:
            for name in case.path_parameters or {}:
                found = self.target.existing(case.operation.path, name)
                if found is not None:
                    case.path_parameters[name] = found
        headers = {
            "Authorization": f"Bearer {self.target.token_for(case.operation.path)}",
            "ConsistencyLevel": "eventual",  # Graph counts for no other
        }
        answer = case.call(base_url=self.target.url, headers=headers, timeout=60)
        operation = f"{case.method.upper()} {case.operation.path}"
        self.statuses.setdefault(operation, set()).add(answer.status_code)
        if answer.status_code >= 500 or not documented(case, answer.status_code):
            self.faults.append(f"{operation} answered {answer.status_code}: {case.as_curl_command()}\n{answer.text}")
