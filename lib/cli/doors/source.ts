import { administratorSql } from "../../clone/source/administrator-sql.ts";
import { type SourceAddress, sourceConnections } from "../../clone/source/connect.ts";
import { inspectSource } from "../../clone/source/inspect-source.ts";
import { readLog, visitLine } from "../../clone/source/log-lines.ts";
import { sourceAnswer } from "../../install/answers.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { databaseProblem } from "../../postgres/problems.ts";
import type { Rung } from "../../runtime.ts";
import { readNamedFile } from "../../server/state/private-file.ts";
import { type Door, type DoorContext, notUnderstood, type Outcome } from "../door.ts";
import { withHolder } from "../holder.ts";

const marks: Record<Rung["level"], string> = {
  ok: "ok",
  warn: "warn",
  fail: "FAIL",
  unknown: "?",
  waiting: "-",
  running: "…",
};

/** The address from the options. @throws Problem where one of them is not usable. */
function addressOf({ values }: DoorContext): SourceAddress {
  const given = sourceAnswer.safeParse({
    kind: "source",
    host: values.get("--host"),
    ...(values.has("--db-port") ? { port: values.get("--db-port") } : {}),
    ...(values.has("--database") ? { database: values.get("--database") } : {}),
    ...(values.has("--user") ? { user: values.get("--user") } : {}),
    ...(values.has("--sslmode") ? { sslmode: values.get("--sslmode") } : {}),
    ...(values.has("--ca") ? { caFile: values.get("--ca") } : {}),
  });
  if (given.success) return given.data;
  throw notUnderstood("source", given.error.issues[0]?.message ?? "The source is not named.");
}

function connections(context: DoorContext, address: SourceAddress) {
  const file = context.values.get("--password-file");
  if (file === undefined) throw notUnderstood("source", "The file of the password is not named.");
  const password = readNamedFile(file, "The file of the source's password", { secret: true }).replace(/\r?\n$/, "");
  return sourceConnections(address, () => password, localMachine({ stateFolder: context.paths.state }));
}

function rungLines(rung: Rung): string[] {
  return [
    `${marks[rung.level].padEnd(5)} ${rung.says}`,
    ...(rung.detail ? [`      ${rung.detail}`] : []),
    ...(rung.remedy && rung.level !== "ok" ? [`      ${rung.remedy.says}`] : []),
  ];
}

async function test(context: DoorContext): Promise<Outcome> {
  const address = addressOf(context);
  let rungs: Rung[] = [];
  const { accepted, says, facts } = await inspectSource({
    address,
    open: connections(context, address),
    signal: AbortSignal.timeout(60_000),
    onRung: (now) => {
      rungs = now;
    },
  });
  const whole = accepted && rungs.every(({ level }) => level === "ok");
  return {
    exit: whole ? 0 : 1,
    json: { accepted, says, rungs, ...(facts ? { facts } : {}) },
    lines: [...rungs.flatMap(rungLines), says],
  };
}

/** Asks whoever holds the state to compare what was copied, and tells each part of it as it is known. */
async function verify(context: DoorContext): Promise<Outcome> {
  return withHolder(context, async (holder) => {
    const { id } = await holder.call("verify-copy", {});
    const told = new Set<string>();
    for (;;) {
      const { state } = await holder.call("inquiry", { id });
      if (!state) throw new Error("the comparison was forgotten while it ran");
      for (const rung of state.rungs) {
        if (rung.level === "waiting" || rung.level === "running" || told.has(rung.id)) continue;
        told.add(rung.id);
        if (!context.json) for (const line of rungLines(rung)) context.say(line);
      }
      if (state.done) {
        const { accepted = false, rungs, facts } = state;
        const says = state.says ?? state.problem?.says ?? "It ended without an answer.";
        return { exit: accepted ? 0 : 1, json: { accepted, says, rungs, ...(facts ? { facts } : {}) }, lines: [says] };
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
}

async function log(context: DoorContext): Promise<Outcome> {
  const address = addressOf(context);
  const client = await connections(context, address)();
  try {
    const visits = await readLog(client, Number(context.values.get("--most") ?? 50));
    return {
      exit: 0,
      json: { visits },
      lines: visits.length > 0 ? visits.map(visitLine) : ["Nobody has copied from this source yet."],
    };
  } catch (thrown) {
    const { host, port, database, user, sslmode } = address;
    const target = {
      kind: "server" as const,
      host,
      port,
      database,
      sslmode,
      appUser: user,
      installerUser: user,
      adminUser: user,
      adminDatabase: database,
    };
    throw databaseProblem(thrown, { target, user, database });
  } finally {
    await client.end();
  }
}

/** For whoever runs a source of system data: the SQL that makes it one, a test of it, and who has copied from it. */
export const sourceDoor: Door = {
  name: "source",
  usage: "sql|test|log|verify [--host HOST --password-file FILE]",
  says: "The source's side of a copy: its SQL, a test of it, its access log; and whether what came from it is still that.",
  options: [
    { name: "--host", value: "HOST", says: "where the source is (test, log)" },
    { name: "--db-port", value: "N", says: "its port, 5432 unless told" },
    { name: "--database", value: "NAME", says: "its database, rec_io_db unless told" },
    { name: "--user", value: "NAME", says: "who asks, rec_io_installer unless told" },
    { name: "--password-file", value: "FILE", says: "that role's password, in a file that only you can read" },
    { name: "--sslmode", value: "MODE", says: "disable, require, verify-ca or verify-full (the default)" },
    { name: "--ca", value: "FILE", says: "the certificate of the authority" },
    { name: "--range", value: "CIDR", says: "sql: the addresses that may come" },
    { name: "--most", value: "N", says: "log: how many visits, 50 unless told" },
  ],
  positionals: [1, 1],
  async run(context) {
    const [word] = context.positionals;
    if (word === "sql") {
      const text = administratorSql(context.values.get("--range"), context.values.get("--database") ?? "rec_io_db");
      return { exit: 0, json: { sql: text }, lines: [text] };
    }
    if (word === "test") return test(context);
    if (word === "log") return log(context);
    if (word === "verify") return verify(context);
    throw notUnderstood("source", `source does not know the word ${word}.`);
  },
};
