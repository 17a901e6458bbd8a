"""A real S3-compatible service on loopback, in a process of its own: it checks every signature and every right.

Prints one line of JSON when it is ready (where it is, and two accounts), and runs until its standard input ends.
"""

import json
import os
import sys

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "8"  # what it takes to make the accounts and buckets below

import boto3
from moto.server import ThreadedMotoServer


def policy(actions: list[str]) -> str:
    """What an account may do."""
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def main() -> None:
    """Serve."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    anybody = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y", "endpoint_url": url}
    iam = boto3.client("iam", **anybody)
    accounts = {}
    for name, actions in {"keeper": ["s3:*"], "reader": ["s3:Get*", "s3:List*"]}.items():
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=policy(actions))
        accounts[name] = [key["AccessKeyId"], key["SecretAccessKey"]]
    s3 = boto3.client("s3", **anybody)
    s3.create_bucket(Bucket="bang-chung")
    s3.create_bucket(Bucket="kho.thu-hai")
    print(json.dumps({"url": url, **accounts}), flush=True)  # noqa: T201  # read by the test
    sys.stdin.read()


if __name__ == "__main__":
    main()
