#!/usr/bin/env python3
"""Makes the buckets that the command line names, where they do not exist yet; AWS_* name the store and the key."""

from __future__ import annotations

import sys

import boto3


def main(names: list[str]) -> None:
    """Make each bucket, and keep the old versions of what is overwritten or deleted in it."""
    store = boto3.client("s3")
    known = {bucket["Name"] for bucket in store.list_buckets()["Buckets"]}
    for name in names:
        if name not in known:
            store.create_bucket(Bucket=name)
        store.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


if __name__ == "__main__":
    main(sys.argv[1:])
