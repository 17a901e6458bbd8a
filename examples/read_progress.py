"""Print how a campaign stands, by partner: ``read_progress.py ke-hoach-174``."""

import os
import sys

from lantoa_api_client import AuthenticatedClient
from lantoa_api_client.api.progress import get_progress
from lantoa_api_client.models import ProgressGroup, ProgressReport

(campaign,) = sys.argv[1:]
client = AuthenticatedClient(os.environ["API_URL"], os.environ["API_KEY"], raise_on_unexpected_status=True)
report = get_progress.sync(client=client, campaign=campaign, by=ProgressGroup.PARTNER)
if not isinstance(report, ProgressReport):
    sys.exit(f"refused: {report}")
print(f"as of {report.as_of:%d/%m/%Y %H:%M}, {report.first} to {report.last}")
for target in report.targets:
    print(target.metric.value, target.actual, "of", target.quota, target.status.value)
for row in report.rows:
    print(row.key, "delivered", row.delivered, "confirmed", row.confirmed, "review", row.review)
