#!/usr/bin/env python3
"""Copies a bucket to a folder or a folder to a bucket: copy-bucket.py FROM TO, of which one begins with s3://."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import boto3

_BUCKET = "s3://"


def save(store: Any, bucket: str, folder: Path) -> int:
    """Write every object to a file of its name and time, and count them; a file that has its size and time stays."""
    count = 0
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            target = folder / item["Key"]
            if not target.resolve().is_relative_to(folder.resolve()):
                raise SystemExit(f"error: the object {item['Key']!r} would be written outside of {folder}")
            target.parent.mkdir(parents=True, exist_ok=True)
            written = int(item["LastModified"].timestamp())
            if not target.is_file() or _size_and_time(target) != (item["Size"], written):
                store.download_file(bucket, item["Key"], str(target))
                os.utime(target, (written, written))
            count += 1
    return count


def _size_and_time(file: Path) -> tuple[int, int]:
    about = file.stat()
    return about.st_size, int(about.st_mtime)


def restore(store: Any, folder: Path, bucket: str) -> int:
    """Write every file to an object of its name, and count them."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    for file in files:
        store.upload_file(str(file), bucket, file.relative_to(folder).as_posix())
    return len(files)


def main(source: str, target: str) -> None:
    """Copy, and say how much."""
    store = boto3.client("s3")
    if source.startswith(_BUCKET):
        count = save(store, source.removeprefix(_BUCKET), Path(target))
    else:
        count = restore(store, Path(source), target.removeprefix(_BUCKET))
    sys.stderr.write(f"{count} files from {source} to {target}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
