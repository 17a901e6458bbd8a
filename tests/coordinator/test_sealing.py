"""Secrets at rest open with the key they were sealed with, and with no other."""

import pytest

from coordinator.sealing import Seal, SealError

SECRETS = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "note": "ghi chú có dấu"}


def test_what_was_sealed_opens_again() -> None:
    seal = Seal("a key of tests, long enough to be one")
    sealed = seal.close(SECRETS)
    assert seal.open(sealed) == SECRETS
    assert Seal("a key of tests, long enough to be one").open(sealed) == SECRETS
    assert "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" not in sealed


def test_the_same_secrets_are_sealed_differently_each_time() -> None:
    seal = Seal("a key of tests, long enough to be one")
    assert seal.close(SECRETS) != seal.close(SECRETS)


def test_nothing_is_an_empty_set() -> None:
    seal = Seal("a key of tests, long enough to be one")
    assert seal.open(None) == seal.open("") == {}


def test_another_key_or_a_changed_letter_opens_nothing() -> None:
    sealed = Seal("a key of tests, long enough to be one").close(SECRETS)
    with pytest.raises(SealError):
        Seal("another key of tests, as long as it").open(sealed)
    for position in (0, len(sealed) // 2, len(sealed) - 5):
        changed = sealed[:position] + ("A" if sealed[position] != "A" else "B") + sealed[position + 1 :]
        with pytest.raises(SealError):
            Seal("a key of tests, long enough to be one").open(changed)


@pytest.mark.parametrize("damaged", ["x", "đ", "gAAAA", " "])
def test_what_was_never_sealed_opens_nothing(damaged: str) -> None:
    with pytest.raises(SealError):
        Seal("a key of tests, long enough to be one").open(damaged)
