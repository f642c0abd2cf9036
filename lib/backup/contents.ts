import { z } from "zod";
import { answers } from "../install/answers.ts";
import { databaseKept } from "./database/kept.ts";

/** Names inside the archive; the rows of table N stand in data/. */
export const manifestName = "manifest.json";
export const keyName = "credentials/kalshi.pem";
export const definitionsName = "definitions.sql";
export const dataFolder = "data";

/** What a backup says of itself: the first file of its archive. */
export const manifest = z.object({
  format: z.literal(1),
  /** ISO 8601. */
  madeAt: z.string(),
  /** The version of REC.IO Setup that made it. */
  product: z.string(),
  world: z.enum(["real", "rehearsal"]),
  /** The name of the machine on which it was made. */
  machine: z.string(),
  answers,
  checkout: z.object({
    root: z.string(),
    /** Without a name or password. */
    remote: z.string().optional(),
    commit: z.string().optional(),
    /** Lines of git's status: what was changed in the tree is not in the backup. */
    changed: z.array(z.string()),
  }),
  database: databaseKept,
});
export type Manifest = z.infer<typeof manifest>;

/** The shortest passphrase: what is sealed with it can be tried by whoever has the file. */
export const shortestPassphrase = 8;
