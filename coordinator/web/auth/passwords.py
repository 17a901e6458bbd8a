"""Password hashing and rules outside of a request: argon2id in the format that the sign-in library verifies."""

import unicodedata

from argon2 import PasswordHasher

from campaigns.core.errors import FieldError, Invalid

MIN_LENGTH = 10
MAX_LENGTH = 128  # a longer one would only slow hashing down


def check_password(password: str) -> None:
    """Raise ``Invalid`` (field ``password``) for one that is too short, too long, or one repeated character."""
    if len(password) < MIN_LENGTH:
        raise Invalid([FieldError("password", "too_short", f"a password has at least {MIN_LENGTH} characters")])
    if len(password) > MAX_LENGTH:
        raise Invalid([FieldError("password", "too_long", f"a password has at most {MAX_LENGTH} characters")])
    if len(set(password)) < 4:
        raise Invalid([FieldError("password", "too_simple", "a password needs at least four different characters")])


def normalise_password(password: str) -> str:
    """Return the form in which the sign-in library compares passwords (NFKD): keyboards send "ế" as one or two
    characters."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a normalised password, with the library's parameters and a random salt."""
    return PasswordHasher().hash(normalise_password(password))
