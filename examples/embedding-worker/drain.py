"""Drains lgtempo's embedding queue with the model in ../minilm, and shows how far it is.

    python3 -m venv /tmp/drain
    /tmp/drain/bin/pip install --no-deps -r requirements.txt
    /tmp/drain/bin/python drain.py

The database is the one that PGHOST, PGDATABASE and the like name; the user, who may be a member of service_role, needs
its rights. Start as many as there are cores, stop them as you like: what one leaves unfinished goes to the others once
its lease has ended.
"""

import argparse
import sys
import time
from pathlib import Path

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb
from tqdm import tqdm

sys.path.append(str(Path(__file__).resolve().parent.parent / "minilm"))
from minilm import embed, widen  # noqa: E402


def item(job):
    """What to store for a job: its embedding, or why there is none."""
    key = {"kind": job.kind, "id": str(job.id), "user_id": job.user_id and str(job.user_id), "lease": str(job.lease)}
    try:
        return key | {"embedding": widen(embed(job.content, truncate=True)).tolist()}
    except Exception as error:
        return key | {"error": f"{type(error).__name__}: {error}"}


def state(database):
    """The whole queue's, whoever works on it."""
    return database.execute("select * from get_embedding_queue_stats()").fetchone()


def drain(database, batch, lease):
    stats = state(database)
    with tqdm(desc="embedded", unit=" texts", total=stats.total - stats.failed, initial=stats.with_embedding) as bar:
        while stats.pending + stats.leased > 0:
            bar.set_postfix(pending=stats.pending, leased=stats.leased, failed=stats.failed)
            jobs = database.execute("select * from claim_embedding_jobs(%s, %s::interval)", [batch, lease]).fetchall()
            if jobs:
                database.execute("select store_embeddings(%s)", [Jsonb([item(job) for job in jobs])])
            else:
                time.sleep(1)  # others are at it; if they die, their leases end
            stats = state(database)
            bar.total = stats.total - stats.failed
            bar.update(stats.with_embedding - bar.n)
        bar.set_postfix(pending=stats.pending, leased=stats.leased, failed=stats.failed)


def main():
    parser = argparse.ArgumentParser(description="Drains lgtempo's embedding queue.")
    parser.add_argument("--batch", type=int, default=32, help="texts claimed at once (32)")
    parser.add_argument("--lease", default="1 minute", help="how long a batch may take before others get it (1 minute)")
    arguments = parser.parse_args()
    # Each call is a transaction of its own: a claim counts for others once it is committed.
    with psycopg.connect(autocommit=True, row_factory=namedtuple_row) as database:
        drain(database, arguments.batch, arguments.lease)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
