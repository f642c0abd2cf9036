"""Computes analytics.probability_lookup_btc and streams it as PostgreSQL's binary COPY to a unix socket.

Reads one JSON object from standard input: archive, socket, ttcStep, bufferStep, mostTtc, mostBuffer, basePrice and the
points whose values are wanted back. Speaks JSON lines on standard output: {"rows": done} as it goes, then
{"done": {rows, checksum, buckets, values}}, or {"refused": why} with exit code 2. Never sees a password: what it sends
is loaded by the process that started it.
"""

import hashlib
import json
import os
import socket
import sys
import time

# Isolated mode leaves the folder of the script off the path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np  # noqa: E402
from scipy.interpolate import LinearNDInterpolator  # noqa: E402

import fingerprint_archive  # noqa: E402

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TRAILER = b"\xff\xff"
POINTS_AT_ONCE = 8192

# One row of the binary format: five fields, each with its length. A numeric is sent with two base-10000 digits always;
# the server strips the zeros itself.
NUMERIC = [("length", ">i4"), ("digits", ">i2"), ("weight", ">i2"), ("sign", ">i2"), ("scale", ">i2"), ("whole", ">i2"), ("part", ">i2")]
ROW = np.dtype(
    [("fields", ">i2")]
    + [pair for name in ("ttc", "buffer", "bucket") for pair in ((name + "_length", ">i4"), (name, ">i4"))]
    + [("rise_" + name, kind) for name, kind in NUMERIC]
    + [("fall_" + name, kind) for name, kind in NUMERIC]
)


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def template(ttcs, buffers, buckets):
    """Rows for `ttcs` moments in the order of the primary key, complete but for the moment and the two values."""
    rows = np.zeros((ttcs, len(buffers), len(buckets)), ROW)
    rows["fields"] = 5
    for name in ("ttc", "buffer", "bucket"):
        rows[name + "_length"] = 4
    rows["buffer"] = buffers[None, :, None]
    rows["bucket"] = np.array(buckets)[None, None, :]
    for side in ("rise", "fall"):
        rows[side + "_length"], rows[side + "_digits"], rows[side + "_scale"] = 12, 2, 2
    return rows


def hundredths(percent):
    """Per cent in hundredths, halves away from zero as PostgreSQL rounds numeric(5,2); the tiny term undoes the
    error of the binary fraction at a half."""
    return np.floor(percent * 100.0 + 0.5 + 1e-7).astype(np.int32)


class Surface:
    """Chances of staying within a buffer, between the points of the fingerprints.

    REC.IO interpolates linearly over a Delaunay triangulation of (seconds, per cent), one for each bucket and side. All of them have
    the same points, so one triangulation carries every bucket and side at once.
    """

    def __init__(self, fingerprints, base_price):
        self.moments, self.moves, self.base_price = fingerprints.moments, fingerprints.moves, base_price
        points = np.array([(moment, move) for moment in self.moments for move in self.moves])
        # chances[bucket, moment, move, side] → one row a point, one column a bucket and side.
        columns = np.moveaxis(fingerprints.chances, 0, 2).reshape(len(points), -1)
        self.interpolate = LinearNDInterpolator(points, np.ascontiguousarray(columns))

    def within(self, ttcs, buffers):
        """Hundredths of per cent, [moment, buffer, bucket, side], clamped to the fingerprints' range as REC.IO does."""
        seconds = np.clip(ttcs.astype(float), self.moments[0], self.moments[-1])
        percent = np.minimum(buffers / self.base_price * 100.0, self.moves[-1])
        at = np.stack(np.meshgrid(seconds, percent, indexing="ij"), axis=-1).reshape(-1, 2)
        beyond = self.interpolate(at)
        if np.isnan(beyond).any():
            raise fingerprint_archive.Unusable("its points do not cover the grid")
        return hundredths(100.0 - beyond).reshape(len(ttcs), len(buffers), len(fingerprint_archive.BUCKETS), 2)


def build(order, send):
    buckets = fingerprint_archive.BUCKETS
    fingerprints = fingerprint_archive.read(order["archive"])
    ttcs = np.arange(0, order["mostTtc"] + 1, order["ttcStep"])
    buffers = np.arange(0, order["mostBuffer"] + 1, order["bufferStep"])
    if fingerprints.moments[-1] < ttcs[-1] or fingerprints.moves[-1] < buffers[-1] / order["basePrice"] * 100.0:
        raise fingerprint_archive.Unusable("its fingerprints end before %d seconds or %d points" % (ttcs[-1], buffers[-1]))
    surface = Surface(fingerprints, order["basePrice"])
    at_once = max(1, POINTS_AT_ONCE // len(buffers))
    rows = template(at_once, buffers, buckets)
    wanted = {}
    for index, (ttc, buffer, bucket) in enumerate(order["points"]):
        wanted.setdefault(ttc, []).append((index, buffer // order["bufferStep"], bucket - buckets[0]))
    values, digest = [None] * len(order["points"]), hashlib.sha256()
    sums, least, most = np.zeros((len(buckets), 2), np.int64), 10_000, 0
    done, told = 0, 0.0
    send(SIGNATURE)
    for start in range(0, len(ttcs), at_once):
        part = ttcs[start : start + at_once]
        within = surface.within(part, buffers)
        block = rows[: len(part)]
        block["ttc"] = part[:, None, None]
        for side, name in enumerate(("rise", "fall")):
            block[name + "_whole"], rest = np.divmod(within[..., side], 100)
            block[name + "_part"] = rest * 100
        send(block.tobytes())
        digest.update(within.astype(">i2").tobytes())
        sums += within.sum(axis=(0, 1))
        least, most = min(least, int(within.min())), max(most, int(within.max()))
        for offset, ttc in enumerate(part.tolist()):
            for index, buffer, bucket in wanted.get(ttc, ()):
                values[index] = within[offset, buffer, bucket].tolist()
        done += block.size
        if time.monotonic() - told > 0.25:
            told = time.monotonic()
            say(rows=done)
    send(TRAILER)
    say(rows=done)
    return {
        "rows": done,
        "checksum": digest.hexdigest(),
        "least": least,
        "most": most,
        "buckets": [[bucket, len(ttcs) * len(buffers), int(rise), int(fall)] for bucket, (rise, fall) in zip(buckets, sums)],
        "values": values,
    }


def main():
    order = json.load(sys.stdin)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.connect(order["socket"])
        try:
            say(done=build(order, stream.sendall))
        except fingerprint_archive.Unusable as error:
            say(refused=str(error))
            return 2
        except (BrokenPipeError, ConnectionResetError):
            # The reader went away: it was cancelled, or its own error says what happened.
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
