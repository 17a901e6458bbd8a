"""Passwords outside a request: argon2id in the form that the sign-in library verifies, and what a password must be."""

import unicodedata

from argon2 import PasswordHasher

from campaigns.core.errors import FieldError, Invalid

SHORTEST = 10
LONGEST = 128  # a longer one would only make hashing slow


def check_password(password: str) -> None:
    """Raise ``Invalid`` (field ``password``) for one that is too short, too long, or one character over and over."""
    if len(password) < SHORTEST:
        raise Invalid([FieldError("password", "too_short", f"a password has at least {SHORTEST} characters")])
    if len(password) > LONGEST:
        raise Invalid([FieldError("password", "too_long", f"a password has at most {LONGEST} characters")])
    if len(set(password)) < 4:
        raise Invalid([FieldError("password", "too_simple", "a password needs at least four different characters")])


def as_compared(password: str) -> str:
    """The form in which the sign-in library compares passwords (NFKD): "ế" is one letter on one keyboard and two on
    another."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str) -> str:
    """The argon2id hash of a password as it is compared, with the library's own parameters and a salt of its own."""
    return PasswordHasher().hash(as_compared(password))
