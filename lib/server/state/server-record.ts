import { z } from "zod";
import { readIfThere, writePrivateFile } from "./private-file.ts";
import { type ProcessIdentity, processIdentity, stillRuns } from "./process-identity.ts";

/** What server.json says: the port that this state remembers and, while it runs, the server. */
const serverRecord = z.object({
  port: z.number().int().min(1).max(65_535),
  server: processIdentity.optional(),
  keeper: processIdentity.optional(),
  version: z.string().optional(),
  startedAt: z.number().optional(),
  /** Why the last server could not start, where it could not. */
  problem: z
    .object({
      code: z.string(),
      says: z.string(),
      remedy: z
        .object({ kind: z.literal("sentence"), says: z.string() })
        .optional()
        .catch(undefined),
    })
    .optional(),
});
export type ServerRecord = z.infer<typeof serverRecord>;

/** Reads server.json; undefined where there is none that can be read. */
export function readServerRecord(path: string): ServerRecord | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return serverRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function writeServerRecord(path: string, record: ServerRecord): void {
  writePrivateFile(path, JSON.stringify(record));
}

/** The processes of this record that still run: the keeper first, because it would start the server again. */
export function runningOf(record: ServerRecord | undefined): ProcessIdentity[] {
  return [record?.keeper, record?.server].filter((process) => process !== undefined).filter(stillRuns);
}
