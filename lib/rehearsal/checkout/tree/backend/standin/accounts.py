"""Who may log in, as in REC.IO: the row of users.user_info_0001, else a file, else admin with the password admin."""
import datetime
import json
import os
import secrets

from backend.standin.database import row
from backend.util.paths import get_data_dir


def _file(name):
    return os.path.join(get_data_dir(), "users", "user_0001", name)


def _read(name):
    try:
        with open(_file(name), encoding="utf-8") as file:
            return json.load(file)
    except Exception:
        return {}


def _write(name, tokens):
    try:
        os.makedirs(os.path.dirname(_file(name)), exist_ok=True)
        with open(_file(name), "w", encoding="utf-8") as file:
            json.dump(tokens, file)
    except Exception as failure:
        print("[AUTH] %s was not written: %s" % (name, failure), flush=True)


def user():
    try:
        found = row(
            "SELECT user_id, first_name, last_name, email, phone, account_type, password_hash"
            " FROM users.user_info_0001 WHERE user_no = '0001'"
        )
        if found:
            name = " ".join(part for part in found[1:3] if part)
            keys = ("username", "name", "email", "phone", "account_type", "password_hash")
            return dict(zip(keys, (found[0], name, *found[3:])))
    except Exception as failure:
        print("[AUTH] the user was not read: %s" % failure, flush=True)
    stored = _read("user_info.json")
    if stored:
        return {"username": stored.get("user_id", "admin"), "password": stored.get("password", "admin"), "name": stored.get("name", "Admin")}
    return {"username": "admin", "password": "admin", "name": "Admin"}


def _bcrypt_matches(password, stored):
    try:
        import bcrypt
    except ImportError:
        # Without the module REC.IO refuses every bcrypt hash. A rehearsal may lack it, and glibc's crypt knows $2b$.
        try:
            import crypt
        except ImportError:
            return False
        return crypt.crypt(password, stored) == stored
    return bcrypt.checkpw(password.encode(), stored.encode())


def _matches(password, known):
    stored = known.get("password_hash")
    if "password_hash" not in known:
        return password == known["password"]
    try:
        if stored.startswith("fallback_hash_"):
            return password == stored.replace("fallback_hash_", "")
        return _bcrypt_matches(password, stored)
    except Exception as failure:
        print("[AUTH] the password was not checked: %s" % failure, flush=True)
        return False


def _later(**span):
    return (datetime.datetime.now() + datetime.timedelta(**span)).isoformat()


def _valid(entry):
    return entry is not None and datetime.datetime.now() < datetime.datetime.fromisoformat(entry["expires"])


def log_in(username, password, remember):
    known = user()
    if username != known["username"] or not _matches(password, known):
        return {"success": False, "error": "Invalid username or password"}
    token, device = secrets.token_urlsafe(32), "device_" + secrets.token_hex(8)
    created = datetime.datetime.now().isoformat()
    tokens = _read("auth_tokens.json")
    tokens[token] = {"username": username, "created": created, "expires": _later(days=30) if remember else _later(hours=24)}
    _write("auth_tokens.json", tokens)
    if remember:
        devices = _read("device_tokens.json")
        devices[device] = {"username": username, "token": token, "created": created, "expires": _later(days=365)}
        _write("device_tokens.json", devices)
    return {"success": True, "token": token, "deviceId": device, "username": username, "name": known["name"]}


def verify(token, device):
    # A way in for anybody who knows the prefix; REC.IO has it.
    if token.startswith("local_dev_"):
        return {"authenticated": True, "username": "local_dev", "name": "Local Development"}
    for entry in (_read("auth_tokens.json").get(token), _read("device_tokens.json").get(device)):
        if _valid(entry):
            return {"authenticated": True, "username": entry["username"], "name": user()["name"]}
    return {"authenticated": False}


def opens_app(token, device):
    return bool(token and device) and _valid(_read("auth_tokens.json").get(token))


def log_out(token, device):
    for name, key in (("auth_tokens.json", token), ("device_tokens.json", device)):
        tokens = _read(name)
        if tokens.pop(key, None) is not None:
            _write(name, tokens)
    return {"success": True}
