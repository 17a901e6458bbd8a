"""Canonical URLs: one address per page, whatever its variants."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from campaigns.core.errors import FieldError, Invalid

# Characters; browsers and servers have limits near it.
MAX_LENGTH = 2000

# Parameters that programs add to links, by whose they are; none selects another article. Full names, or beginnings that
# end with an asterisk, in lower case.
_TRACKING_PARAMETERS = """
utm_* pk_* piwik_* mtm_* matomo_* hsa_* at_* ga_* itm_* bx_* hmb_* cf_chl_* __cf_chl_* _x_tr_* vero_* oly_* cx_*
fbclid fb_* fbc fbadid hc_ref __tn__ __xts__* __cft__* mibextid rdid sfnsn extid eav paipv _rdr _rdc notif_id notif_t
gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid usqp _ga _gl amp_js_v amp_gsa
msclkid cvid ocid yclid ysclid _openstat twclid __twitter_impression ref_src ref_url ttclid _ttp igshid igsh
li_fat_id trk trkcampaign epik sccid s_cid s_kwcid ef_id irclickid irgwc zanpid wickedid rb_clickid
mc_cid mc_eid mc_tc mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking ml_subscriber ml_subscriber_hash _ke bxid
wt_mc wt_zmc xtor xtref cmpid ncid sms_ss awesm spm scm tblci tbclid dicbo outbrainclickid oborigurl nr_email_referer
_branch_match_id _branch_referrer guccounter guce_referrer guce_referrer_sig
zarsrc gidzl zalo_* share_source share_medium share_from replytocom
phpsessid jsessionid aspsessionid* asp.net_sessionid cfid cftoken sessid zenid oscsid
"""
_TRACKING = re.compile(
    "|".join(re.escape(name).replace(r"\*", r"[\w.%-]*") for name in _TRACKING_PARAMETERS.split()), re.ASCII
)
# These select the article where the path does not name it (index.php?page=1, /watch?v=12, /?p=1). They are dropped only
# from a path that names an article: the first page of its paging, its printed form, where a reader came from, a number
# that has the page loaded anew.
_ARTICLE_PATH = re.compile(r"/[^/]*(?:-|\d{3})[^/]*$|/[^/]+\.html?$", re.ASCII)
_SCRIPT_PATH = re.compile(r"\.(?:php\d?|aspx?|jspx?|cgi|do|cfm)(?:/|$)", re.IGNORECASE | re.ASCII)
_YES = r"|1|true|yes"
_OF_ARTICLES: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("page", "p", "pg", "paged", "trang", "pagenumber"), re.compile(r"|0*1")),
    **dict.fromkeys(("print", "in", "printable", "mobile", "m", "noamp", "nomobile"), re.compile(_YES)),
    "view": re.compile(r"print|mobile|amp|full"),
    "layout": re.compile(r"print|mobile|amp"),
    "tmpl": re.compile(r"component"),
    **dict.fromkeys(
        ("ref", "referrer", "share", "shared", "from", "src", "source", "via"), re.compile(r".*", re.DOTALL)
    ),
    **dict.fromkeys(("v", "ver", "t", "ts", "time", "timestamp", "_", "rand", "rnd", "nocache"), re.compile(r"[\d.]*")),
}
# These also select articles on some sites (sid=1234); only a value that looks like a token is a session.
_SESSION = frozenset({"sid", "s", "session", "sessionid", "session_id"})
_TOKEN = re.compile(r"(?=.*\d)(?=.*[a-zA-Z])[A-Za-z0-9_-]{16,}", re.ASCII)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE | re.ASCII)
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp;)+", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
# The last steps of an article's path that name a form of it: for phones, printed, the first page of its paging.
_FORM_OF_ARTICLE = re.compile(r"amp|print|ban-in|trang-0*1(?:\.html?)?", re.IGNORECASE | re.ASCII)
_AMP_SUFFIX = re.compile(r"(?<=[^/])\.amp(?=(?:\.html?)?$)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.ASCII)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]")
_PORTS = {"http": "80", "https": "443"}

# Second levels under which anybody can register names: those of the .vn registry, and the usual ones elsewhere.
_SECOND = re.compile(r"com|net|org|gov|edu|ac|co|info|biz|name|pro|health|int|id|io|ai|mil|or|ne|go|gob|nom")
# Second levels of provinces, and hosts below which every name has another owner.
_SHARED = re.compile(
    r"(?:hanoi|haiphong|danang|hue|cantho)\.vn|(?:blogspot|wordpress|weebly|wixsite)\.com|github\.io|(?:web|netlify|vercel)\.app"
    r"|pages\.dev"
)


@dataclass(frozen=True)
class SiteProfile:
    """What is known about one site's addresses. Without a profile no two hosts are treated as one.

    ``main_host``: replaces every usual variant of it (``www.``, ``m.``, ``mobile.``, ``wap.``, ``amp.``, ``touch.``,
    ``print.``, none).
    ``apart``: variants of it, without ``www.``, that are registered as other sites and stay as they are.
    ``scheme``: the site's scheme, replaces the other one. ``mobile_to_www``: for an otherwise unknown site, ``m.`` and
    ``amp.`` become ``www.``. ``fold_case``: the site does not distinguish ``/Tin`` and ``/tin``. ``drop``: further
    query parameters that never select another article.
    """

    main_host: str = ""
    apart: frozenset[str] = frozenset()
    scheme: str = ""
    mobile_to_www: bool = False
    fold_case: bool = False
    amp: bool = True
    drop: frozenset[str] = frozenset()


PLAIN_PROFILE = SiteProfile()
_VARIANTS = ("www.", "m.", "mobile.", "wap.", "amp.", "touch.", "print.")


def _invalid(url: str, why: str) -> Invalid:
    return Invalid([FieldError("url", "url", f"{url[:200]!r} {why}")])


@lru_cache(maxsize=4096)
def _ascii_host(host: str) -> str:
    """The host in lower-case punycode without a trailing dot. Raises ``ValueError``."""
    bare = host.lower().rstrip(".")
    if ":" in bare:
        return f"[{ipaddress.ip_address(bare).compressed}]"
    if not bare.isascii():
        bare = bare.encode("idna").decode("ascii").lower()
    if len(bare) > 253 or ".." in bare or not _HOST.fullmatch(bare):
        raise ValueError(host)
    return bare


def _split(url: str) -> tuple[str, str, str, str, str]:
    """(scheme, host, port or empty, path, query) of an absolute http or https address. Raises ``Invalid``."""
    text = url.strip()
    if len(text) > 4 * MAX_LENGTH:
        raise _invalid(url, "is too long for an address")
    try:
        parts = urlsplit(text)
        port = parts.port
        if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
            raise _invalid(url, "is not an http or https address")
        host = _ascii_host(parts.hostname)
    except (ValueError, UnicodeError):
        raise _invalid(url, "is not an http or https address") from None
    given = "" if port is None or str(port) == _PORTS[parts.scheme] else str(port)
    return parts.scheme, host, given, parts.path, parts.query


def _with_main_host(host: str, profile: SiteProfile) -> str:
    if profile.main_host:
        main = profile.main_host.partition(":")[0]
        bare = _bare(main)
        if _bare(host) == bare and profile.apart.isdisjoint((bare, host.removeprefix("www."))):
            return main
    if profile.mobile_to_www:
        for prefix in _VARIANTS[1:]:
            if host.startswith(prefix) and host.count(".") >= 2:
                return "www." + host.removeprefix(prefix)
    return host


def _bare(host: str) -> str:
    for prefix in _VARIANTS:
        if host.startswith(prefix) and host.count(".") >= 2:
            return host.removeprefix(prefix)
    return host


def _normal(text: str) -> str:
    """Percent-encoding normalised by RFC 3986, section 6.2.2: unreserved characters plain, the rest as upper-case
    UTF-8."""
    if not _UNSAFE.search(text) and "%" not in text:
        return text
    sound = _BAD_PERCENT.sub("%25", text)

    def settle(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else f"%{match[1].upper()}"

    def escape(match: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))

    return _UNSAFE.sub(escape, _ESCAPE.sub(settle, sound))


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for step in path.split("/")[1:]:
        if step == "..":
            if kept:
                kept.pop()
        elif step != ".":
            kept.append(step)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/" + "/".join(kept)


def _without_forms(path: str) -> str:
    """The path without the forms of one article: ``/amp`` at either end, ``.amp`` before its extension, ``/print``,
    ``/trang-1`` and ``/page/1`` at the end, repeated or not."""
    while True:
        before = path
        steps = path.split("/")[1:]
        while steps and steps[-1] == "":
            steps.pop()
        if steps and (steps[-1].lower() == "amp" or (len(steps) > 1 and _FORM_OF_ARTICLE.fullmatch(steps[-1]))):
            steps.pop()
        elif len(steps) > 2 and steps[-2].lower() == "page" and steps[-1].strip("0") == "1":
            del steps[-2:]
        elif len(steps) > 1 and steps[0].lower() == "amp":
            steps.pop(0)
        path = _AMP_SUFFIX.sub("", "/" + "/".join(steps))
        if path == before:
            return path


def _path(raw: str, profile: SiteProfile) -> str:
    path = _without_dots(_normal(_PATH_SESSION.sub("", raw) or "/"))
    path = _SLASHES.sub("/", _PATH_SESSION.sub("", path))
    if profile.amp:
        path = _without_forms(path)
    if profile.fold_case:
        path = _normal(path.lower())
    return path.rstrip("/") or "/"


def _query(raw: str, profile: SiteProfile, path: str) -> str:
    kept = []
    names_article = bool(_ARTICLE_PATH.search(path)) and not _SCRIPT_PATH.search(path)
    for part in _ESCAPED_AMPERSAND.sub("&", raw).split("&"):
        name, equals, value = part.partition("=")
        name, value = _normal(name.replace("+", "%20")), _normal(value.replace("+", "%20"))
        low = name.lower()
        if not name and not value:
            continue
        if names_article and (form := _OF_ARTICLES.get(low)) is not None and form.fullmatch(value.lower()):
            continue
        if _TRACKING.fullmatch(low) or low in profile.drop or (low in _SESSION and _TOKEN.fullmatch(value)):
            continue
        if profile.amp and (
            (low == "amp" and value.lower() in {"", "1", "true"}) or (low == "outputtype" and value.lower() == "amp")
        ):
            continue
        kept.append(f"{name}{equals}{value}")
    return "&".join(sorted(set(kept)))


def is_tracking(name: str) -> bool:
    """Whether a program adds this parameter to links, so that it selects nothing."""
    return _TRACKING.fullmatch(name.lower()) is not None


def canonical_url(url: str, profile: SiteProfile = PLAIN_PROFILE) -> str:
    """The canonical form of an address.

    Lower-case host in punycode, no default port, no fragment, no dot segments, no doubled slashes, normalised
    percent-encoding, no tracking or session parameters, the query sorted, no marks of AMP, of the printed form and of
    the first page, no slash at the end (except ``/`` itself). Replaces a host by
    another only as the profile says. Idempotent.

    Raises ``Invalid`` (field ``url``) for anything but an absolute http or https address of at most 2000 characters.
    """
    scheme, host, port, raw_path, raw_query = _split(url)
    if profile.scheme and not port:
        scheme = profile.scheme
    host = _with_main_host(host, profile)
    path = _path(raw_path, profile)
    query = _query(raw_query, profile, path) if raw_query else ""
    place = f"{host}:{port}" if port else host
    canonical = f"{scheme}://{place}{path}" + (f"?{query}" if query else "")
    if len(canonical) > MAX_LENGTH:
        raise _invalid(url, f"is longer than {MAX_LENGTH} characters")
    return canonical


def profile_of(site_url: str, apart: Iterable[str] = ()) -> SiteProfile:
    """The profile of a registered site: all variants of its host but those ``apart``, http and https, and upper and
    lower case are the same. Raises ``Invalid``."""
    scheme, host, port, _, _ = _split(site_url)
    hosts = frozenset(other.partition(":")[0] for other in apart)
    return SiteProfile(main_host=host, apart=hosts, scheme="" if port else scheme, fold_case=True)


def host_variants(site_url: str) -> list[str]:
    """The usual variants of an address's host, without ``www.``, with its port. Raises ``Invalid``."""
    _, host, port, _, _ = _split(site_url)
    bare = _bare(host) + (f":{port}" if port else "")
    return [bare, *(f"{prefix}{bare}" for prefix in _VARIANTS[1:])]


def unregistered_profile(url: str) -> SiteProfile:
    """The profile of a host that nobody has registered: all variants of it, and http and https, are the same. Raises
    ``Invalid``."""
    _, host, port, _, _ = _split(url)
    return SiteProfile(main_host=_bare(host), scheme="" if port else "https")


def is_front_page(canonical: str) -> bool:
    """Whether a canonical address is the front page of its host: no path and no query."""
    return canonical.partition("://")[2].partition("/")[2] == ""


def host_of(url: str) -> str:
    """The host in lower-case punycode, with its port unless it is the scheme's default. Raises ``Invalid``."""
    _, host, port, _, _ = _split(url)
    return f"{host}:{port}" if port else host


@lru_cache(maxsize=4096)
def registered_name(host: str) -> str:
    """The registered domain of a host: ``tin.vn`` of ``m.tin.vn``, ``tin.com.vn`` of ``www.tin.com.vn``.

    A port is kept; an IP address is returned as it is. Only the usual second levels are known, not the whole public
    suffix list: an unknown one makes two sites look like one, which matters only for ``rel=canonical``.
    """
    name, _, port = host.rpartition(":") if re.search(r":\d+$", host) else (host, "", "")
    labels = name.split(".")
    if name.startswith("[") or labels[-1].isdigit() or len(labels) <= 1:
        return host
    last_two = ".".join(labels[-2:])
    suffix = 1
    if _SHARED.fullmatch(last_two) or (len(labels[-1]) == 2 and _SECOND.fullmatch(labels[-2])):
        suffix = 2
    registered = ".".join(labels[-(suffix + 1) :])
    return f"{registered}:{port}" if port else registered


def same_site(first: str, second: str) -> bool:
    """Whether two addresses have the same registered domain. False when either is invalid."""
    try:
        return registered_name(host_of(first)) == registered_name(host_of(second))
    except Invalid:
        return False


def same_page(first: str, second: str) -> bool:
    """Whether two addresses are the same page, ignoring http or https and ``www.``. False when either is invalid."""
    page = page_key(first)
    return page is not None and page == page_key(second)


def page_key(url: str) -> str | None:
    """A key shared by the addresses of one page, ignoring http or https and ``www.``; None for an invalid address.

    For comparing many addresses with many others: each is parsed once.
    """
    try:
        return canonical_url(url).partition("://")[2].removeprefix("www.")
    except Invalid:
        return None


def code_below(url: str, roots: Iterable[str]) -> str | None:
    """The part behind the root of an address that begins with one of ``roots``, without its suffix and what is below
    it; None for any other address. Roots are written as ``page_key`` does."""
    key = page_key(url)
    root = next((root for root in roots if key is not None and key.startswith(root)), None)
    if key is None or root is None:
        return None
    return key[len(root) :].partition("?")[0].partition("/")[0].partition(".")[0]


def absolute(href: str, base: str) -> str | None:
    """The absolute http or https address of a link on ``base``; None for anything else."""
    text = href.strip()
    if not text or text.startswith("#"):
        return None
    try:
        joined = urljoin(base, text)
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme in _PORTS and parts.netloc else None
