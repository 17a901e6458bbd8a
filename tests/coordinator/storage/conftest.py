"""The S3-compatible service of these tests."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from coordinator.storage.bucket import BucketAddress, BucketStore
from tests.conftest import need


@dataclass(frozen=True)
class Service:
    """Where it is, and who may use it: key id and secret."""

    url: str
    keeper: tuple[str, str]
    reader: tuple[str, str]

    def address(self, bucket: str = "bang-chung", prefix: str = "lan-toa/2026") -> str:
        """As the setting has it."""
        return f"s3://{bucket}/{prefix}?endpoint={self.url}"

    def store(self, bucket: str = "bang-chung", prefix: str = "lan-toa/2026") -> BucketStore:
        """A store on it."""
        return BucketStore(BucketAddress.parse(self.address(bucket, prefix)), *self.keeper)


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """A real one, in a process of its own."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask_cors") is None:
        need("S3-compatible service", "moto is not installed")
    script = Path(__file__).with_name("service.py")
    process = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        item = json.loads(process.stdout.readline())
        yield Service(item["url"], tuple(item["keeper"]), tuple(item["reader"]))
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
