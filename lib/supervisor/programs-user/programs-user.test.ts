import { expect, test } from "playwright/test";
import { judgeProgramsUser, type ProgramsUserFacts } from "../../health/probes/machine/programs-user.ts";
import { statePaths } from "../../paths.ts";
import { mapsSeveralUsers, openToOthers, programsUserName, programsUserNote, userIn } from "./programs-user.ts";
import { commandFor, foldersAbove, letsPass } from "./reach.ts";

test("each state folder has a user of its own, with a name that every system takes", () => {
  const [one, other] = [programsUserName(statePaths("/var/lib/a")), programsUserName(statePaths("/var/lib/b"))];
  expect(one).toMatch(/^rec-io-setup-[0-9a-f]{8}$/);
  expect(one).not.toBe(other);
  expect(programsUserName(statePaths("/var/lib/a"))).toBe(one);
  expect(programsUserNote(statePaths("/a:b,c"))).toBe("REC.IO Setup /a_b_c");
});

test("a user is found by the whole name, and a broken line is none", () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\nrec-io:x:990:980:note:/:/bin/false\nbroken:x:a:b::/:/bin/false\n";
  expect(userIn(passwd, "rec-io")).toEqual({ name: "rec-io", uid: 990, gid: 980, note: "note" });
  expect(userIn(passwd, "rec")).toBeUndefined();
  expect(userIn(passwd, "broken")).toBeUndefined();
});

test("root of a container that knows one user is no root who could be another", () => {
  expect(mapsSeveralUsers("         0          0 4294967295\n")).toBe(true);
  expect(mapsSeveralUsers("         0       1000          1\n")).toBe(false);
  expect(mapsSeveralUsers("0 1000 1\n1 100000 65536\n")).toBe(true);
  expect(mapsSeveralUsers(undefined)).toBe(true);
});

test("the mode decides who passes, and the group's user reads what is for its group", () => {
  const who = { name: "p", uid: 990, gid: 980 };
  const folder = (mode: number, uid = 0, gid = 0) => ({ mode, uid, gid });
  expect(letsPass(folder(0o755), undefined)).toBe(true);
  expect(letsPass(folder(0o700), undefined)).toBe(false);
  expect(letsPass(folder(0o710, 0, 980), who)).toBe(true);
  expect(letsPass(folder(0o710, 0, 980), undefined)).toBe(false);
  expect(letsPass(folder(0o077, 990), who)).toBe(false);
  expect(openToOthers({ mode: 0o640, gid: 980 }, who)).toBe(false);
  expect(openToOthers({ mode: 0o640, gid: 0 }, who)).toBe(true);
  expect(openToOthers({ mode: 0o660, gid: 980 }, who)).toBe(true);
  expect(openToOthers({ mode: 0o640, gid: 980 }, undefined)).toBe(true);
});

test("folders above a path come outermost first, and the command quotes them", () => {
  expect(foldersAbove("/srv/a b/rec_io")).toEqual(["/srv", "/srv/a b"]);
  expect(commandFor({ pass: ["/srv/a b", "/it's"], read: ["/c"] })).toBe(
    "chmod o+x '/srv/a b' '/it'\\''s' && chmod -R o+rX '/c'",
  );
});

test("the finding sees a missing user, a closed folder, a closed state and a program of root's", () => {
  const good: ProgramsUserFacts = {
    own: true,
    name: "rec-io-setup-1",
    made: true,
    barriers: { pass: [], read: [] },
    stateOpen: true,
    mayRun: true,
    others: [],
  };
  expect(judgeProgramsUser(good)).toMatchObject({ level: "ok" });
  expect(judgeProgramsUser({ ...good, own: false, made: false })).toMatchObject({ level: "ok" });
  expect(judgeProgramsUser({ ...good, made: false })).toMatchObject({ level: "fail", remedy: { kind: "step" } });
  const closed = judgeProgramsUser({ ...good, barriers: { pass: ["/root"], read: [] } });
  expect(closed).toMatchObject({ level: "fail", evidence: { asked: "/root" } });
  // The sentence is shown without a session: it names no path.
  expect(closed.says).not.toContain("/root");
  expect(judgeProgramsUser({ ...good, stateOpen: false })).toMatchObject({ level: "fail" });
  expect(judgeProgramsUser({ ...good, mayRun: false })).toMatchObject({ level: "fail" });
  expect(judgeProgramsUser({ ...good, others: ["main_app"] })).toMatchObject({ level: "fail", objects: ["main_app"] });
});
