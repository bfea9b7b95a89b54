"""Writes the configuration of a throw-away Synapse on the loopback: SQLite, no limits, one
appservice for each bridged app. Arguments: folder, port, lifetime of access tokens, and perhaps more
of the configuration as JSON.
JSON is valid YAML, so no yaml module is needed."""

import json
import pathlib
import sys

folder, port, lifetime = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
more = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
NAME = "onebox.test"
APPS = ["facebook", "instagram", "whatsapp", "signal", "telegram"]


def write(name, value):
    path = folder / name
    path.write_text(json.dumps(value, indent=1))
    return str(path)


def registration(app, users, bot):
    return write(f"as-{app}.yaml", {
        "id": app, "url": None, "as_token": f"as-{app}", "hs_token": f"hs-{app}",
        "sender_localpart": bot, "rate_limited": False,
        "namespaces": {"users": users, "rooms": [], "aliases": []},
    })


registrations = [
    registration(app, [
        {"regex": f"^@{app}_.*:{NAME}$", "exclusive": True},
        {"regex": f"^@{app}bot:{NAME}$", "exclusive": True},
    ], app + "bot")
    for app in APPS
]
registrations.append(registration(
    "doublepuppet", [{"regex": f"^@.*:{NAME}$", "exclusive": False}], "doublepuppetbot"))
loose = {"per_second": 100000, "burst_count": 100000}
write("log.yaml", {
    "version": 1,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": str(folder / "hs.log")}},
    "root": {"level": "WARNING", "handlers": ["file"]},
})
(folder / "media").mkdir(exist_ok=True)
write("homeserver.yaml", {
    "server_name": NAME,
    "pid_file": str(folder / "hs.pid"),
    "public_baseurl": f"http://127.0.0.1:{port}/",
    "listeners": [{"port": port, "tls": False, "type": "http", "x_forwarded": False,
                   "bind_addresses": ["127.0.0.1"],
                   "resources": [{"names": ["client", "media"], "compress": False}]}],
    "database": {"name": "sqlite3", "args": {"database": str(folder / "hs.db")}},
    "log_config": str(folder / "log.yaml"),
    "media_store_path": str(folder / "media"),
    "signing_key_path": str(folder / "signing.key"),
    "registration_shared_secret": "test-registration",
    "macaroon_secret_key": "test-macaroon", "form_secret": "test-form",
    "report_stats": False, "trusted_key_servers": [], "suppress_key_server_warning": True,
    "federation_domain_whitelist": [], "presence": {"enabled": False},
    "url_preview_enabled": False, "bcrypt_rounds": 4, "user_directory": {"enabled": False},
    "app_service_config_files": registrations,
    "refreshable_access_token_lifetime": lifetime,
    "rc_message": loose, "rc_registration": loose, "rc_joins_per_room": loose,
    "rc_login": {"address": loose, "account": loose, "failed_attempts": loose},
    "rc_joins": {"local": loose, "remote": loose},
    "rc_invites": {"per_room": loose, "per_user": loose, "per_issuer": loose},
    "rc_media_create": loose, "rc_room_creation": loose,
    **more,
})
