"""Writes many rooms, or many messages, straight into the database of a stopped Synapse: through the
API a room takes half a second and a message a twentieth. Runs with the Python of Synapse's venv.

    seed.py FOLDER rooms ROOM COUNT            copies a room, with all that is in it; prints the ids
    seed.py FOLDER messages ROOM SENDER COUNT  adds messages "seed 0", "seed 1", … at the end

Rooms must be of a version that signs events by the reference hash (3 and later)."""

import copy
import json
import pathlib
import sqlite3
import sys

from signedjson.key import read_signing_keys
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.crypto.event_signing import add_hashes_and_signatures
from synapse.events import make_event_from_dict

NAME = "onebox.test"
folder = pathlib.Path(sys.argv[1])
with open(folder / "signing.key") as file:
    KEY = read_signing_keys(file)[0]
db = sqlite3.connect(folder / "hs.db", isolation_level=None)
db.row_factory = sqlite3.Row
db.execute("PRAGMA synchronous=OFF")
db.execute("BEGIN")


def one(sql, *values):
    return db.execute(sql, values).fetchone()[0]


def rows(table, where, *values):
    return [dict(row) for row in db.execute(f"SELECT * FROM {table} WHERE {where}", values)]


def insert(table, row):
    names = ",".join(row)
    marks = ",".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def sign(event, version):
    """Signs an event anew; its id."""
    for old in ("hashes", "signatures", "unsigned"):
        event.pop(old, None)
    add_hashes_and_signatures(version, event, NAME, KEY)
    return make_event_from_dict(copy.deepcopy(event), version).event_id


def version_of(room):
    return KNOWN_ROOM_VERSIONS[one("SELECT room_version FROM rooms WHERE room_id = ?", room)]


def finish():
    """Streams go on where they are now."""
    newest = one("SELECT max(stream_ordering) FROM events")
    db.execute("UPDATE stream_positions SET stream_id = ? WHERE stream_name = 'events'", (newest,))
    db.execute("COMMIT")
    # So that SQLite knows how much is where. Without it Synapse looks for the edits of each page
    # by going through every event of the room.
    db.execute("ANALYZE")


# Tables that hold something of a room or of its events and are copied with it.
TABLES = [
    "rooms", "room_depth", "events", "event_json", "state_events", "current_state_events",
    "local_current_membership", "room_memberships", "event_auth", "event_edges",
    "event_forward_extremities", "room_stats_current", "room_stats_state",
    "sliding_sync_joined_rooms", "sliding_sync_membership_snapshots", "stream_ordering_to_exterm",
    "state_groups", "state_groups_state", "event_search",
]
# The same, found by another of their columns.
BY = [
    ("event_to_state_groups", "event_id"), ("event_auth_chains", "event_id"),
    ("state_group_edges", "state_group"),
]
STREAMS = {"stream_ordering", "event_stream_ordering", "bump_stamp"}
GROUPS = {"state_group", "prev_state_group", "id"}


def copy_room(room, count):
    version = version_of(room)
    template = {table: rows(table, "room_id = ?", room) for table in TABLES}
    events = sorted(template["events"], key=lambda e: e["stream_ordering"])
    ids = [e["event_id"] for e in events]
    groups = [g["id"] for g in template["state_groups"]]
    for table, column in BY:
        known = ids if column == "event_id" else groups
        marks = ",".join("?" * len(known))
        template[table] = rows(table, f"{column} IN ({marks})", *known)
    jsons = {row["event_id"]: json.loads(row["json"]) for row in template["event_json"]}
    stream = one("SELECT max(stream_ordering) FROM events") - events[0]["stream_ordering"] + 1
    span = events[-1]["stream_ordering"] - events[0]["stream_ordering"] + 1
    group = one("SELECT max(id) FROM state_groups") - min(groups) + 1
    chain = one("SELECT max(chain_id) FROM event_auth_chains")
    for n in range(count):
        new, made = {}, {}
        for old in ids:
            event = copy.deepcopy(jsons[old])
            event["origin_server_ts"] += n + 1
            if "room_id" in event:
                event["room_id"] = new.get(room, f"!seed{n}:{NAME}")
            for links in ("prev_events", "auth_events"):
                event[links] = [new[link] for link in event[links]]
            content = event["content"]
            if event["type"] == "m.room.name":
                content["name"] += f" {n:04}"
            if "channel" in content:
                content["channel"]["id"] += f"-{n}"
                content["channel"]["displayname"] += f" {n:04}"
            new[old] = sign(event, version)
            if event["type"] == "m.room.create":
                new[room] = "!" + new[old][1:] if "room_id" not in event else event["room_id"]
            made[old] = event
        chains = {}
        for table, old_rows in template.items():
            for row in old_rows:
                row = dict(row)
                for column, value in row.items():
                    if column == "json":
                        row[column] = json.dumps(made[row_event])
                    elif column == "chain_id":
                        row[column] = chains.setdefault(value, chain + len(chains) + 1)
                    elif column in STREAMS and value is not None:
                        row[column] = value + stream + n * span
                    elif column in GROUPS and value is not None:
                        row[column] = value + group + n * len(groups)
                    elif column in ("room_name", "name") and value is not None:
                        row[column] = f"{value} {n:04}"
                    elif column in ("origin_server_ts", "received_ts"):
                        row[column] = value + n + 1
                    elif isinstance(value, str) and value in new:
                        if column == "event_id":
                            row_event = value
                        row[column] = new[value]
                insert(table, row)
        chain += len(chains)
        print(new[room])


def add_messages(room, sender, count):
    version = version_of(room)
    last = one("SELECT event_id FROM event_forward_extremities WHERE room_id = ?", room)
    group = one("SELECT state_group FROM event_to_state_groups WHERE event_id = ?", last)
    like = one("SELECT event_id FROM events WHERE room_id = ? AND sender = ? AND type = "
               "'m.room.message' ORDER BY stream_ordering DESC", room, sender)
    event = json.loads(one("SELECT json FROM event_json WHERE event_id = ?", like))
    row_of_json = rows("event_json", "event_id = ?", like)[0]
    row = rows("events", "event_id = ?", like)[0]
    auth = event["auth_events"]
    depth = one("SELECT max(depth) FROM events WHERE room_id = ?", room)
    stream = one("SELECT max(stream_ordering) FROM events")
    ts = one("SELECT max(origin_server_ts) FROM events WHERE room_id = ?", room)
    for n in range(count):
        depth, stream, ts = depth + 1, stream + 1, ts + 1
        event.update(prev_events=[last], depth=depth, origin_server_ts=ts,
                     content={"msgtype": "m.text", "body": f"seed {n}"})
        last, before = sign(event, version), last
        row.update(event_id=last, stream_ordering=stream, topological_ordering=depth, depth=depth,
                   origin_server_ts=ts, received_ts=ts)
        insert("events", row)
        insert("event_json", row_of_json | {"event_id": last, "json": json.dumps(event)})
        insert("event_edges", {"event_id": last, "prev_event_id": before, "is_state": False})
        insert("event_to_state_groups", {"event_id": last, "state_group": group})
        for other in auth:
            insert("event_auth", {"event_id": last, "auth_id": other, "room_id": room})
    db.execute("UPDATE event_forward_extremities SET event_id = ? WHERE room_id = ?", (last, room))
    insert("stream_ordering_to_exterm",
           {"stream_ordering": stream, "room_id": room, "event_id": last})
    db.execute("UPDATE sliding_sync_joined_rooms SET event_stream_ordering = ?, bump_stamp = ? "
               "WHERE room_id = ?", (stream, stream, room))


what, arguments = sys.argv[2], sys.argv[3:]
if what == "rooms":
    copy_room(arguments[0], int(arguments[1]))
else:
    add_messages(arguments[0], arguments[1], int(arguments[2]))
finish()
