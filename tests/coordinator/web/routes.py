"""Every address of the application, from its URL map, with values that a test chooses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from coordinator.web.auth.second_factor import CLOSED_LIBRARY_VIEWS

# The audience of a route. Every endpoint of the application is in one of these, or decorated for the desk.
PUBLIC = {
    "public.bulletin": "a bulletin's page",
    "public.bulletin_json": "a bulletin's page",
    "public.bulletin_text": "a bulletin's page",
    "public.republish": "the copy kit",
    "public.republish_json": "the copy kit",
    "front.front": "the department's front page",
    "front.archive": "the archive of what is out",
    "embeds.embed": "a bulletin's frame",
    "embeds.answer": "oEmbed",
    "embeds.widget": "the frame of the latest bulletins",
    "embeds.republishing": "how to republish",
    "embeds.accessibility": "how the pages can be read",
    "site_files.news_sitemap": "the news sitemap",
    "site_files.whole_sitemap": "the sitemap of the archive",
    "site_files.part_of_sitemap": "the sitemap of the archive",
    "site_files.robots": "for crawlers",
    "site_files.security_text": "where to report a weakness",
    "site_files.icon": "the department's mark",
    "site_files.logo": "the department's mark",
    "feeds.public_feed": "public feeds",
    "feeds.partner_feed": "a key in the address",
    "feeds.public_list": "public feeds",
    "feeds.partner_list": "a key in the address",
    "calendars.release_calendar": "a person's calendar key in the address",
    "counter.image": "the counter image",
    "hub.hub": "anybody may ask; the callback is asked back",
    "hub.webmention": "anybody may tell; the page is read",
    "leaving.ask": "anyone with the link below a mail; looking changes nothing",
    "open_tables.keyed": "a key in the address",
    "open_tables.table": "a key in the header, or anybody while the office has opened them; else there is no such page",
    "report_mail.ask": "anyone with the link below a report's mail; looking changes nothing",
    "report_mail.leave": "anyone with the link stops that report and nothing else (RFC 8058)",
    "report_mail.sent": "anyone with the link in a report's mail to a file of it",
    "leaving.leave": "anyone with the link stops those mails and nothing else (RFC 8058)",
    "platform_events.zalo": "signed by Zalo with the account's own key",
    "sample.front": "the sample partner's site, while there is one",
    "sample.feed": "the sample partner's site, while there is one",
    "sample.article": "the sample partner's site, while there is one",
    "health.alive": "for monitoring",
    "health.ready": "for monitoring",
    "health.metrics": "for the addresses in the settings",
    "site_files.manifest": "a browser requests it without cookies; it tells nothing of the office",
    "asset": "style sheets, scripts, fonts",
    "push_worker.worker": "a script that a browser renews by itself; the same for everybody",
    "api_docs.docs": "the API's documentation",
    "api_docs.style": "the API's documentation",
    "api_docs.openapi": "the API's documentation",
    "api_docs.index": "where the API's documentation is",
    "api_docs.versions": "where the API is",
}
SIGN_IN_ROUTES = {
    "security.login": "sign-in",
    "security.logout": "leads to sign-in whether or not somebody was signed in",
    "security.static": "the sign-in library's own files",
    "security.two_factor_token_validation": "the second step of signing in",
    "security.mf_recovery": "the second step without the phone",
    "security.wan_signin": "sign-in by a passkey: asks the device",
    "security.wan_signin_response": "sign-in by a passkey: what the device answered",
    **dict.fromkeys(CLOSED_LIBRARY_VIEWS, "a page of the sign-in library that ours stand for: closed"),
    "sign_on.begin": "to the city's sign-in",
    "sign_on.back": "back from the city's sign-in",
    "sign_on.leave": "out of the city's sign-in as well",
    "forgotten.page": "a forgotten password: says the same to everybody",
    "joining.page": "a one-time link in the address",
    "pictures.picture": "shows what is out to everybody, and what is not to who is signed in",
    "pictures.media": "a video, audio, document or captions file: out to everybody, or to who is signed in",
    "setup.begin": "the first visit; leads to sign-in afterwards",
    "portal.enter": "sign-in of partners",
    "portal.joining.page": "an editor's one-time link in the address",
}
DOCUMENTED = {"/api/", "/api/v1/", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/docs.css"}


@dataclass(frozen=True)
class Route:
    """One rule with its methods, as a client may call it."""

    endpoint: str
    rule: Rule
    path: str

    @property
    def unsafe(self) -> frozenset[str]:
        """Return the methods that change data."""
        return frozenset(self.rule.methods or ()) & {"POST", "PUT", "PATCH", "DELETE"}

    @property
    def readable(self) -> bool:
        """Whether it answers GET."""
        return "GET" in (self.rule.methods or ())

    @property
    def on_api(self) -> bool:
        """Whether it belongs to the API."""
        return self.rule.rule.startswith("/api/")


def routes(app: Flask, values: Mapping[str, str | int] | None = None) -> Iterator[Route]:
    """Return every route, its variables filled from ``values`` by name, else with a plausible value."""
    given: dict[str, str | int] = {
        "number": 1, "form": "csv", "by": "partner", "version": "0", "path": "x", "kind": "webhook", "name": "rss.xml",
    }  # fmt: skip
    given |= values or {}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        filled = {name: _fitting(rule, name, given.get(name, given.get("code", "x"))) for name in rule.arguments}
        yield Route(rule.endpoint, rule, adapter.build(rule.endpoint, filled, method=min(rule.methods or {"GET"})))


def _fitting(rule: Rule, name: str, value: str | int) -> str | int:
    """Return the value, or one of the allowed ones for a variable with a few."""
    converter = rule._converters.get(name)
    return value if not isinstance(converter, AnyConverter) or value in converter.items else min(converter.items)
