"""Lets one user pass or read what is not his, by POSIX access control lists, and takes exactly that back.

Reads {"do": "grant" | "take back", "uid": N, "pass": [folders], "read": [trees]} from standard input; prints
{"changed": N} or {"refused": "path: why"}. A folder under "pass" may be passed through (x) and nothing else; a tree under
"read" may be read, without its `.git` and without links. The standard library is all it needs, because the package
`acl` is not everywhere. The format is that of the kernel: version 2, then (tag, permission, id) in this order of tags.
"""
import errno
import json
import os
import stat
import struct
import sys

NAME = "system.posix_acl_access"
OWNER, USER, GROUP, NAMED_GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32
NOBODY = 0xFFFFFFFF


def entries(path, mode):
    try:
        raw = os.getxattr(path, NAME)
    except OSError as failure:
        if failure.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise
        return [(OWNER, mode >> 6 & 7, NOBODY), (GROUP, mode >> 3 & 7, NOBODY), (OTHER, mode & 7, NOBODY)]
    return [struct.unpack_from("<HHI", raw, at) for at in range(4, len(raw), 8)]


def without(known, uid):
    return [entry for entry in known if not (entry[0] == USER and entry[2] == uid) and entry[0] != MASK]


def write(path, known):
    mask = 0
    for tag, permission, _ in known:
        if tag in (USER, GROUP, NAMED_GROUP):
            mask |= permission
    whole = sorted(known + [(MASK, mask, NOBODY)], key=lambda entry: (entry[0], entry[2]))
    os.setxattr(path, NAME, struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in whole))


def grant(path, uid, wanted):
    mode = os.stat(path).st_mode
    known = entries(path, mode)
    if any(tag == USER and who == uid and permission & wanted == wanted for tag, permission, who in known):
        return 0
    write(path, without(known, uid) + [(USER, wanted, uid)])
    return 1


def take_back(path, uid):
    mode = os.stat(path).st_mode
    known = entries(path, mode)
    if not any(tag == USER and who == uid for tag, _, who in known):
        return 0
    rest = without(known, uid)
    if any(tag in (USER, NAMED_GROUP) for tag, _, _ in rest):
        write(path, rest)
        return 1
    # Without named entries the list is the mode again; while it was there, the mode showed its mask as the group's.
    group = next(permission for tag, permission, _ in rest if tag == GROUP)
    os.removexattr(path, NAME)
    os.chmod(path, stat.S_IMODE(mode) & ~0o070 | group << 3)
    return 1


def below(root):
    yield root, True
    if not os.path.isdir(root):
        return
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != ".git" and not os.path.islink(os.path.join(folder, name))]
        for name in folders:
            yield os.path.join(folder, name), True
        for name in files:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield path, False


def reading(path, mode):
    """What reading needs where the mode does not let everybody read already."""
    wanted = 5 if stat.S_ISDIR(mode) or mode & 0o100 else 4
    return 0 if mode & 7 & wanted == wanted else wanted


def main():
    order = json.load(sys.stdin)
    uid, changed, path = order["uid"], 0, ""
    taking = order["do"] == "take back"
    try:
        for path in order["pass"]:
            if os.path.isdir(path):
                changed += take_back(path, uid) if taking else grant(path, uid, 1)
        for root in order["read"]:
            if not os.path.exists(root):
                continue
            for path, _ in below(root):
                wanted = reading(path, os.stat(path).st_mode)
                changed += take_back(path, uid) if taking else (grant(path, uid, wanted) if wanted else 0)
    except OSError as failure:
        print(json.dumps({"refused": "%s: %s" % (path, failure.strerror)}))
        return
    print(json.dumps({"changed": changed}))


main()
