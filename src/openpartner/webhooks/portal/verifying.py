"""How a receiver tells a true delivery: programs to begin from, each of which verifies both signatures as it stands."""

from importlib.resources import files
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency

from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.webhooks import queries
from openpartner.webhooks.letters import certificate_url
from openpartner.webhooks.portal.shared import VERIFY, crumbs, tabs


class Language(NamedTuple):
    """A program. file: in ``snippets``. saved_as: what the person calls it. run: how it is started."""

    key: str
    title: str
    file: str
    saved_as: str
    needs: str
    run: str


LANGUAGES = (
    Language(
        "python",
        "Python",
        "receive.py.txt",
        "receive.py",
        "Python 3.9 and the cryptography package",
        "WEBHOOK_SECRET=whsec_… python receive.py 8099",
    ),
    Language(
        "node",
        "Node.js",
        "receive.mjs.txt",
        "receive.mjs",
        "Node.js 18, nothing else",
        "WEBHOOK_SECRET=whsec_… node receive.mjs 8099",
    ),
    Language(
        "csharp",
        "C#",
        "Program.cs.txt",
        "Program.cs",
        "a web project of .NET 8, nothing else",
        "WEBHOOK_SECRET=whsec_… dotnet run --urls http://localhost:8099",
    ),
    Language(
        "curl",
        "curl",
        "verify.sh.txt",
        "verify.sh",
        "curl and openssl",
        "WEBHOOK_SECRET=whsec_… sh verify.sh headers.txt body.json",
    ),
)
PLACE = "@CERTIFICATES@"


def program(language: Language, origin: str) -> str:
    """The program, which trusts the certificates of this server and no others."""
    text = files("openpartner.webhooks").joinpath("snippets", language.file).read_text(encoding="utf-8")
    return text.replace(PLACE, certificate_url(origin, "").removesuffix(".cer"))


@get(VERIFY, include_in_schema=False, sync_to_thread=True)
def show_verifying(page: NamedDependency[Page]) -> Response[str]:
    """The rules and the program in one language."""
    with page.begin.read() as uow:
        registration = queries.find_registration(uow)
        origin = page.portal.origin_of(page.request) if registration is None else registration.origin
        asked = page.request.query_params.get("language", "")
        language = next((each for each in LANGUAGES if each.key == asked), LANGUAGES[0])
        uow.actor.require(WEBHOOKS.read)
        return page.render(
            uow,
            "webhooks/verify.html",
            language=language,
            program=program(language, origin),
            languages=[(each.title, f"{VERIFY}?language={each.key}", each is language) for each in LANGUAGES],
            is_sandbox=page.portal.world.settings.is_sandbox,
            tabs=tabs(VERIFY),
            crumbs=crumbs(Crumb("Verify")),
        )


ROUTES: list[Any] = [show_verifying]
