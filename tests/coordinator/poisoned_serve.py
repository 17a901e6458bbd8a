"""The command ``lantoa`` in a process that ends by SIGKILL when it asks for an address that says so."""

import os
import signal
import sys
from typing import Any

from coordinator.cli import main
from coordinator.http.client import HttpClient

_get = HttpClient.get


def _deadly_get(self: HttpClient, url: str, *rest: Any, **named: Any) -> Any:
    if "poison" in url:
        os.kill(os.getpid(), signal.SIGKILL)
    return _get(self, url, *rest, **named)


if __name__ == "__main__":
    HttpClient.get = _deadly_get  # type: ignore[method-assign]  # for this process
    sys.argv = sys.argv[1:]
    main()
