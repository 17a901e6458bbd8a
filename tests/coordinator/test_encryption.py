"""Secrets at rest open with the key they were encrypted with, and with no other."""

import pytest

from coordinator.encryption import DecryptionError, Encryption

SECRETS = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "note": "ghi chú có dấu"}


def test_what_was_encrypted_is_decrypted_again() -> None:
    encryption = Encryption("a key of tests, long enough to be one")
    encrypted = encryption.encrypt(SECRETS)
    assert encryption.decrypt(encrypted) == SECRETS
    assert Encryption("a key of tests, long enough to be one").decrypt(encrypted) == SECRETS
    assert "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" not in encrypted


def test_the_same_secrets_are_encrypted_differently_each_time() -> None:
    encryption = Encryption("a key of tests, long enough to be one")
    assert encryption.encrypt(SECRETS) != encryption.encrypt(SECRETS)


def test_nothing_is_an_empty_set() -> None:
    encryption = Encryption("a key of tests, long enough to be one")
    assert encryption.decrypt(None) == encryption.decrypt("") == {}


def test_another_key_or_a_changed_letter_opens_nothing() -> None:
    encrypted = Encryption("a key of tests, long enough to be one").encrypt(SECRETS)
    with pytest.raises(DecryptionError):
        Encryption("another key of tests, as long as it").decrypt(encrypted)
    for position in (0, len(encrypted) // 2, len(encrypted) - 5):
        changed = encrypted[:position] + ("A" if encrypted[position] != "A" else "B") + encrypted[position + 1 :]
        with pytest.raises(DecryptionError):
            Encryption("a key of tests, long enough to be one").decrypt(changed)


@pytest.mark.parametrize("damaged", ["x", "đ", "gAAAA", " "])
def test_what_was_never_encrypted_is_not_decrypted(damaged: str) -> None:
    with pytest.raises(DecryptionError):
        Encryption("a key of tests, long enough to be one").decrypt(damaged)
