"""The base of the settings of all kinds of channels. A field of type ``SecretStr`` is a secret.

Every field has a ``FieldLabel``; an unknown field is an error, an empty one is absent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from campaigns.channels.transport import Capabilities
from coordinator.http.addresses import is_public_url

MAX_ADDRESS_LENGTH = 1000  # characters; the size of the columns


@dataclass(frozen=True)
class FieldLabel:
    """The texts of a setting in a form; all are messages, translated when shown.

    ``hint``: below the field; ``expected``: the error text for an invalid value; ``choices``: the names of the values
    to choose from; ``rare``: seldom changed, so that the form shows it in a separate part.
    """

    label: str
    hint: str = ""
    expected: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    rare: bool = False


def http_address(value: str) -> str:
    """Return ``value`` if it is an absolute http or https address without credentials or fragment, else raise
    ``ValueError``."""
    if any(character.isspace() for character in value) or len(value) > MAX_ADDRESS_LENGTH:
        raise ValueError(f"expected an http or https address without spaces, at most {MAX_ADDRESS_LENGTH} characters")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # reading the property checks the port
    except ValueError:
        raise ValueError("expected an http or https address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an http or https address")
    if "@" in parts.netloc:
        raise ValueError("an address must not contain a user name or password")
    if parts.fragment:
        raise ValueError("an address must not have a part after #")
    return value


def base_address(value: str) -> str:
    """Return an http or https address to which paths are added: no query, no slash at the end."""
    checked = http_address(value)
    if urlsplit(checked).query:
        raise ValueError("expected an address without a query")
    return checked.rstrip("/")


def public_address(value: str) -> str:
    """Return an http or https address that can be opened from the internet, else raise ``ValueError``."""
    if not is_public_url(http_address(value)):
        raise ValueError("expected an address that can be opened from the internet, not one of a private network")
    return value


def matching(pattern: str, expected: str) -> AfterValidator:
    """Return a validator of whole texts; ``expected`` is the sentence of its error, which shows no expression."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


HttpAddress = Annotated[str, AfterValidator(http_address)]
PublicAddress = Annotated[str, AfterValidator(public_address)]
BaseAddress = Annotated[str, AfterValidator(base_address)]
Digits = Annotated[str, matching(r"[0-9]{1,25}", "digits, at most 25")]


class KindSettings(BaseModel):
    """Settings of a kind. ``required_secrets`` must be given unless the channel has them already; ``generated_secrets``
    are made by these functions when they are neither given nor stored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )
    required_secrets: ClassVar[tuple[str, ...]] = ()
    generated_secrets: ClassVar[Mapping[str, Callable[[], str]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        return {name: value for name, value in values.items() if value is not None and value != ""}

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        """Return the names of the fields that are stored encrypted and never shown."""
        return tuple(name for name, field in cls.model_fields.items() if "SecretStr" in str(field.annotation))

    def adjusted(self, usual: Capabilities) -> Capabilities:
        """Return the capabilities of a channel with these settings. ``usual``: those of its kind."""
        return usual

    def public_page(self) -> str:
        """Return the address where readers see the account; '' where there is none."""
        return ""

    @classmethod
    def merge_secrets(cls, kept: Mapping[str, str], given: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the secrets of a channel after a change: the stored ones, replaced by those given."""
        return {**kept, **given}


def stripped_token(value: SecretStr) -> SecretStr:
    """Return a token without surrounding spaces. Raises ``ValueError`` for one with spaces inside."""
    bare = value.get_secret_value().strip()
    if not bare or any(character.isspace() for character in bare):
        raise ValueError("expected a token without spaces")
    return SecretStr(bare)


def stripped_optional_token(value: SecretStr | None) -> SecretStr | None:
    """Return an optional token without surrounding spaces. Raises ``ValueError``."""
    return None if value is None else stripped_token(value)
