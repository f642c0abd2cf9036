import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compareSync, hashSync } from "bcryptjs";
import { expect, test } from "playwright/test";
import { userInfoFile } from "../../checkout/profile.ts";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import { type DataWorld, dataWorld } from "../../data/test-world.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { checkPassword, createLogin, splitName } from "./create-login.ts";

const password = "a long pässword, it is";
const person = { userId: "jane", fullName: "Jane van Doe", email: "jane@example.org" };
const step = createLogin({ person });

let base: DataWorld;
let world: DataWorld;
let folder: string;
test.beforeAll(async () => {
  base = await dataWorld({ archive: null });
  await base.sql("CREATE SCHEMA IF NOT EXISTS users");
  const table =
    /CREATE TABLE IF NOT EXISTS users\.user_info_0001 \([\s\S]*?\n\);/.exec(sqlFile("schema/users.sql"))?.[0] ?? "";
  await base.sql(table);
  await base.sql("ALTER TABLE users.user_info_0001 OWNER TO rec_io_user");
  await base.sql("GRANT USAGE ON SCHEMA users TO rec_io_user");
});
test.afterAll(() => base.end());
test.beforeEach(async () => {
  await base.sql("TRUNCATE users.user_info_0001");
  folder = mkdtempSync(join(realpathSync(tmpdir()), "login-"));
  const checkout = recioCheckout({ root: folder, machine: base.machine, paths: base.paths });
  mkdirSync(dirname(userInfoFile(checkout)), { recursive: true, mode: 0o700 });
  world = { ...base, checkout };
});
test.afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const name of readdirSync(base.paths.secrets))
    if (name.startsWith("user-info")) rmSync(join(base.paths.secrets, name));
});

function jobOf(loginPassword: string | undefined) {
  const heard = { lines: [] as string[], spent: [] as unknown[] };
  const job = {
    signal: new AbortController().signal,
    secrets: loginPassword === undefined ? {} : { loginPassword },
    progress: () => undefined,
    log: (line: string) => void heard.lines.push(line),
    spent: async (receipt: unknown) => void heard.spent.push(structuredClone(receipt)),
  };
  return { job: job as never, heard };
}
const run = (word: string | undefined = password) => step.run(world, jobOf(word).job);
async function look(of = step) {
  const [probe] = of.probes;
  return probe.judge(await probe.collect(world as never, new AbortController().signal));
}
async function takeBack(receipt: Awaited<ReturnType<typeof run>>) {
  if (!("takeBack" in step.undo)) throw new Error("the step has no undo");
  await step.undo.takeBack(world, receipt, jobOf(undefined).job);
}
const row = async () => (await base.sql("SELECT * FROM users.user_info_0001"))[0];
const infoFile = () => userInfoFile(world.checkout);

test("The login is made with a bcrypt hash, nobody gets in without the database, and both are taken back", async () => {
  expect(await look()).toMatchObject({ level: "fail", says: expect.stringContaining("no row '0001'") });
  const { job, heard } = jobOf(password);
  const receipt = await step.run(world, job);
  expect(await row()).toMatchObject({
    user_no: "0001",
    user_id: "jane",
    first_name: "Jane van",
    last_name: "Doe",
    email: "jane@example.org",
    phone: null,
    is_active: true,
  });
  const hash = String((await row())?.password_hash);
  expect(hash).toMatch(/^\$2b\$12\$/);
  expect(compareSync(password, hash)).toBe(true);
  const text = readFileSync(infoFile(), "utf8");
  expect(statSync(infoFile()).mode & 0o777).toBe(0o600);
  expect(JSON.parse(text)).toMatchObject({ user_id: "jane", password: expect.stringMatching(/^[\w-]{43}$/) });
  expect(await look()).toMatchObject({ level: "ok" });
  const told = JSON.stringify([receipt, heard, await look(), await step.describe(world)]);
  for (const secret of [password, hash, JSON.parse(text).password]) expect(told).not.toContain(secret);
  await takeBack(receipt);
  expect(await row()).toBeUndefined();
  expect(readdirSync(dirname(infoFile()))).toEqual([]);
});

test("Python's bcrypt, which REC.IO checks with, accepts the hash", async () => {
  await run();
  const code =
    "import bcrypt, json, sys\nword, stored = json.load(sys.stdin)\nprint(bcrypt.checkpw(word.encode(), stored.encode()))";
  const ask = (word: string, hash: unknown) =>
    world.machine.exec("/usr/bin/python3", ["-I", "-c", code], { input: JSON.stringify([word, hash]) });
  const hash = (await row())?.password_hash;
  const answer = await ask(password, hash);
  test.skip(/No module named 'bcrypt'/.test(answer.stderr), "Debian's python3-bcrypt is not installed here");
  expect(answer.stdout.trim()).toBe("True");
  expect((await ask("another", hash)).stdout.trim()).toBe("False");
});

test("Each way of storing a password that REC.IO mishandles is named", async () => {
  await run();
  const store = (hash: string | null) =>
    base.sql(`UPDATE users.user_info_0001 SET password_hash = ${hash === null ? "NULL" : `'${hash}'`}`);
  for (const [hash, says] of [
    [null, "No password is stored, so nobody can log in."],
    ["fallback_hash_secret", "The password is stored in clear (fallback_hash_)."],
    ["0123456789abcdef0123456789abcdefdeadbeef", "The password is stored in a form that REC.IO never accepts."],
    [hashSync("admin", 4), "The password is admin."],
  ] as const) {
    await store(hash);
    const finding = await look();
    expect(finding).toMatchObject({ level: "fail", says, objects: ["users.user_info_0001.password_hash"] });
    if (hash) expect(JSON.stringify(finding)).not.toContain(hash);
    expect(await run()).toMatchObject({ row: "rehashed" });
    expect(await look()).toMatchObject({ level: "ok" });
  }
});

test("A login of somebody else is never overwritten", async () => {
  await base.sql(
    `INSERT INTO users.user_info_0001 (user_no, user_id, password_hash) VALUES ('0001', 'john', '${hashSync("his own", 4)}')`,
  );
  const before = await row();
  expect(await look()).toMatchObject({ level: "fail", says: expect.not.stringContaining("john") });
  await expect(run()).rejects.toMatchObject({ code: "login.row-of-somebody-else" });
  expect(await row()).toEqual(before);
});

test("A good login of this person stays as it is, and is not taken back", async () => {
  await base.sql(
    `INSERT INTO users.user_info_0001 (user_no, user_id, password_hash) VALUES ('0001', 'jane', '${hashSync("her own", 4)}')`,
  );
  const before = await row();
  expect(await look()).toMatchObject({ level: "fail", says: expect.stringContaining("user_info.json is missing") });
  const receipt = await run(undefined);
  expect(receipt).toMatchObject({ row: "kept", file: "made" });
  await takeBack(receipt);
  expect(await row()).toEqual(before);
});

test("A password that was changed in REC.IO keeps its row", async () => {
  const receipt = await run();
  await base.sql(`UPDATE users.user_info_0001 SET password_hash = '${hashSync("changed since", 4)}'`);
  await expect(takeBack(receipt)).rejects.toMatchObject({ code: "login.changed-since" });
  expect(await row()).toMatchObject({ user_id: "jane" });
});

test("A file without a password, which REC.IO reads as admin, is closed and comes back when taken back", async () => {
  const old = '{"user_id": "jane", "name": "Jane"}';
  writeFileSync(infoFile(), old, { mode: 0o644 });
  await base.sql(
    `INSERT INTO users.user_info_0001 (user_no, user_id, password_hash) VALUES ('0001', 'jane', '${hashSync("her own", 4)}')`,
  );
  expect(await look()).toMatchObject({ level: "fail", says: expect.stringContaining("REC.IO takes admin for it") });
  const receipt = await run(undefined);
  expect(receipt).toMatchObject({ file: "closed" });
  expect(await look()).toMatchObject({ level: "ok" });
  await takeBack(receipt);
  expect(readFileSync(infoFile(), "utf8")).toBe(old);
});

test("A password that REC.IO could not check is refused before anything is written", async () => {
  for (const [word, code] of [
    [undefined, "login.password-not-given"],
    ["short", "login.password-too-weak"],
    ["ä".repeat(37), "login.password-too-long"],
    ["with a \0 inside", "login.password-not-usable"],
  ] as const) {
    await expect(step.run(world, jobOf(word).job)).rejects.toMatchObject({ code });
  }
  expect(await row()).toBeUndefined();
  expect(checkPassword("ä".repeat(36))).toHaveLength(36);
});

test("A name is split where REC.IO shows it in two", () => {
  expect(splitName("  Jane  van Doe ")).toEqual({ first: "Jane van", last: "Doe" });
  expect(splitName("Madonna")).toEqual({ first: "Madonna", last: "" });
  expect(splitName("x".repeat(90)).first).toHaveLength(50);
});
