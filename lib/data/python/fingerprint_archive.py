"""Reads REC.IO's fingerprint archive (a zip of CSV files) in memory, trusting nothing that it says about itself.

One CSV a momentum bucket: 60 rows ("1m TTC" to "60m TTC"), 80 columns (">= +0.05%" and "<= -0.05%" in pairs), each
cell the probability in per cent that the price moves at least that far before the close.
"""

import csv
import io
import re
import stat
import zipfile

import numpy as np

MOST_ARCHIVE_BYTES = 64 * 1024 * 1024
MOST_ENTRIES = 500
MOST_ENTRY_BYTES = 1024 * 1024
MOST_TOTAL_BYTES = 32 * 1024 * 1024
MOST_ROWS = 240
MOST_COLUMNS = 1000

BUCKETS = tuple(range(-30, 31))
NAME = re.compile(r"^btc_fingerprint_directional_momentum_(-?\d{2,3})\.csv$")
MINUTES = re.compile(r"^(\d{1,3})m TTC$")
RISE = re.compile(r"^>= \+(\d{1,2}\.\d{2})%$")
FALL = re.compile(r"^<= -(\d{1,2}\.\d{2})%$")


class Unusable(Exception):
    """The archive cannot be used; the text says why in one sentence."""


class Fingerprints:
    """Moments (seconds before the close), moves (per cent), and chances[bucket, moment, move, rise or fall] in per cent."""

    def __init__(self, moments, moves, chances):
        self.moments = moments
        self.moves = moves
        self.chances = chances


def _checked(entries):
    """The momentum files by bucket. Refuses the whole archive where one entry is not what an honest archive holds."""
    if len(entries) > MOST_ENTRIES:
        raise Unusable("it holds %d entries, more than %d" % (len(entries), MOST_ENTRIES))
    if sum(entry.file_size for entry in entries) > MOST_TOTAL_BYTES:
        raise Unusable("its entries unpack to more than %d bytes" % MOST_TOTAL_BYTES)
    files = {}
    for entry in entries:
        # zipfile turns the platform's separators into "/" and cuts names at a NUL, so the name as it was stored is judged.
        name = entry.orig_filename
        if name.startswith(("/", "\\")) or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
            raise Unusable("the entry %r has a name that leads out of the archive" % name[:80])
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Unusable("the entry %r is a link" % name[:80])
        if entry.flag_bits & 0x1:
            raise Unusable("the entry %r is encrypted" % name[:80])
        if entry.file_size > MOST_ENTRY_BYTES:
            raise Unusable("the entry %r unpacks to more than %d bytes" % (name[:80], MOST_ENTRY_BYTES))
        match = NAME.match(name)
        if match is None:
            continue
        bucket = int(match.group(1))
        if bucket in files:
            raise Unusable("it holds the momentum bucket %d twice" % bucket)
        files[bucket] = entry
    missing = [bucket for bucket in BUCKETS if bucket not in files]
    if missing:
        raise Unusable("it lacks %d of %d momentum buckets, the first is %d" % (len(missing), len(BUCKETS), missing[0]))
    return files


def _text(archive, entry):
    with archive.open(entry) as stream:
        # One byte more than allowed: the size that an entry declares is a claim, not a fact.
        content = stream.read(MOST_ENTRY_BYTES + 1)
    if len(content) > MOST_ENTRY_BYTES:
        raise Unusable("the entry %r unpacks to more than %d bytes" % (entry.filename, MOST_ENTRY_BYTES))
    return content.decode("utf-8-sig")


def _columns(header, pattern):
    found = {}
    for index, name in enumerate(header):
        match = pattern.match(name.strip())
        if match is not None:
            found[float(match.group(1))] = index
    return found


def _table(text, name):
    """One CSV as (moments, moves, chances[moment, move, rise or fall]), each axis in rising order."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not 2 < len(rows) <= MOST_ROWS or len(rows[0]) > MOST_COLUMNS:
        raise Unusable("%s has %d rows, which is not the shape of a fingerprint" % (name, len(rows)))
    rises, falls = _columns(rows[0], RISE), _columns(rows[0], FALL)
    moves = sorted(rises)
    if moves != sorted(falls) or len(moves) < 2 or moves[0] != 0.0:
        raise Unusable("%s does not hold the same moves up and down, beginning at 0.00%%" % name)
    lines = {}
    for row in rows[1:]:
        match = MINUTES.match(row[0].strip())
        if match is None or len(row) != len(rows[0]):
            raise Unusable("%s has a row that is not a minute with %d cells" % (name, len(rows[0]) - 1))
        lines[60 * int(match.group(1))] = row
    moments = sorted(lines)
    if len(moments) != len(rows) - 1:
        raise Unusable("%s names a minute twice" % name)
    order = [(rises[move], falls[move]) for move in moves]
    chances = np.array([[[float(lines[moment][up]), float(lines[moment][down])] for up, down in order] for moment in moments])
    if not np.isfinite(chances).all() or chances.min() < 0.0 or chances.max() > 100.0:
        raise Unusable("%s holds a value that is no probability between 0 and 100" % name)
    # REC.IO keeps these cells as numeric(5,2), and its calculator reads them from there.
    return np.array(moments, float), np.array(moves, float), np.round(chances, 2)


def read(path):
    """Every momentum bucket of the archive at `path`. Raises Unusable with the reason."""
    try:
        with open(path, "rb") as file:
            file.seek(0, io.SEEK_END)
            if file.tell() > MOST_ARCHIVE_BYTES:
                raise Unusable("it is larger than %d bytes" % MOST_ARCHIVE_BYTES)
            with zipfile.ZipFile(file) as archive:
                files = _checked(archive.infolist())
                tables = [_table(_text(archive, files[bucket]), files[bucket].filename) for bucket in BUCKETS]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise Unusable("it is not a readable zip file (%s)" % error) from error
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise Unusable("one of its files is not a fingerprint (%s)" % str(error)[:120]) from error
    except OSError as error:
        raise Unusable("it cannot be read (%s)" % error.strerror) from error
    moments, moves, _ = tables[0]
    for bucket, (other_moments, other_moves, _) in zip(BUCKETS, tables):
        if not np.array_equal(moments, other_moments) or not np.array_equal(moves, other_moves):
            raise Unusable("the momentum bucket %d has other minutes or moves than the first" % bucket)
    return Fingerprints(moments, moves, np.stack([chances for _, _, chances in tables]))
