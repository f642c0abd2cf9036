import { createHash } from "node:crypto";
import { z } from "zod";
import type { Machine } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";

/** Answers on disk: the wizard's draft, the installation's, and those of each run. */
export interface AnswerRecords {
  /** The answers as they were written, or undefined where there are none. */
  read<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema> | undefined>;
  /** Writes them, 0600, whole or not at all. */
  write(file: string, answers: object): Promise<void>;
}

const withKeyId = z.object({ kalshi: z.object({ kind: z.literal("key"), keyId: z.string() }) });
const known = z.record(z.string(), z.string());

/** What stands for a key id in every record: shaped like one, and telling nothing of it. */
export function markOf(keyId: string): string {
  const digits = createHash("sha256").update(`rec-io-setup key id ${keyId}`).digest("hex");
  return digits.slice(0, 32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
}

function withId(answers: unknown, replaced: (id: string) => string): unknown {
  const given = withKeyId.safeParse(answers);
  if (!given.success) return answers;
  const { kalshi } = answers as { kalshi: object };
  return { ...(answers as object), kalshi: { ...kalshi, keyId: replaced(given.data.kalshi.keyId) } };
}

/**
 * A Kalshi key id is half of what signs, so it stands in one file of its own, as the other half does in REC.IO's; every
 * record of answers holds a mark in its place. A record without that file is as good as one whose key was never given.
 */
export function answerRecords(files: Machine["files"], paths: Pick<StatePaths, "keyIds">): AnswerRecords {
  const ids = async (): Promise<Record<string, string>> => {
    const text = await files.read(paths.keyIds);
    return text === undefined ? {} : known.parse(JSON.parse(text));
  };
  return {
    async read(file, schema) {
      const text = await files.read(file);
      if (text === undefined) return undefined;
      const all = await ids();
      return schema.parse(withId(JSON.parse(text), (mark) => all[mark] ?? mark));
    },
    async write(file, answers) {
      const sealed = withId(answers, markOf);
      const given = withKeyId.safeParse(answers);
      if (given.success) {
        const { keyId } = given.data.kalshi;
        const all = await ids();
        if (all[markOf(keyId)] !== keyId)
          await files.write(paths.keyIds, JSON.stringify({ ...all, [markOf(keyId)]: keyId }), 0o600);
      }
      await files.write(file, JSON.stringify(sealed), 0o600);
    },
  };
}
