import { z } from "zod";
import { isKeyId, normaliseKeyId } from "../kalshi/key/key-id.ts";

const line = (what: string, most: number) =>
  z
    .string({ error: `${what} is missing.` })
    .trim()
    .min(1, `${what} is empty.`)
    .max(most, `${what} is longer than ${most} characters.`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
    .regex(/^[^\u0000-\u001f\u007f]*$/, `${what} contains a line break or control character.`);

const absolutePath = (what: string) =>
  line(what, 4096).refine((path) => path.startsWith("/") || path.startsWith("~/"), `${what} must begin with / or ~/.`);

/** Which REC.IO is installed. */
export const checkoutAnswer = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("path"), path: absolutePath("The path of the checkout") }),
    z.object({
      kind: z.literal("clone"),
      url: line("The address of the repository", 2048).refine(
        (url) => !url.startsWith("-"),
        "The address of the repository must not begin with a dash.",
      ),
      commit: line("The commit", 100)
        .regex(/^[\w./-]+$/, "The commit holds characters that no commit or branch has.")
        .refine((name) => !name.startsWith("-"), "The commit must not begin with a dash.")
        .optional(),
      into: absolutePath("The folder to clone into"),
    }),
  ])
  .describe("checkout");

/** Who will use it. `userId` is the login name of REC.IO (users.user_info_0001.user_id, varchar(50)). */
export const personAnswer = z.object({
  userId: line("The user id", 50)
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
      "The user id may hold letters, digits, dot, dash and underscore, and begins with a letter or digit.",
    )
    .refine((id) => id.toLowerCase() !== "admin", "The user id must not be admin: REC.IO treats that name as nobody."),
  fullName: line("The full name", 100),
  email: z.email({ error: "The e-mail address does not look like one." }).max(255),
  phone: line("The phone number", 20).optional(),
});

/** The key id without what stands around it; what holds none is left for the schema to refuse. */
function idAlone(text: string): string {
  return isKeyId(text) ? normaliseKeyId(text) : text;
}

export const keyAnswer = z.object({
  kind: z.literal("key"),
  environment: z.enum(["demo", "prod"]),
  /** As people paste it; what comes out is the id alone. */
  keyId: z
    .string({ error: "The key id is missing." })
    .transform(idAlone)
    .pipe(z.uuid({ error: "The key id is not a UUID." })),
  email: z.email({ error: "The Kalshi e-mail address does not look like one." }).max(255).optional(),
});

export const kalshiAnswer = z.discriminatedUnion("kind", [
  keyAnswer,
  z.object({ kind: z.literal("none"), environment: z.enum(["demo", "prod"]).default("demo") }),
]);

const tcpPort = z.coerce
  .number({ error: "The port is not a number." })
  .int("The port is not a whole number.")
  .min(1, "The port is below 1.")
  .max(65_535, "The port is above 65535.");

export const databaseAnswer = z.discriminatedUnion("kind", [
  /** Our own PostgreSQL, from the binaries of the npm package. Its port stays under 32768, out of the ephemeral range. */
  z.object({
    kind: z.literal("embedded"),
    port: tcpPort.max(32_767, "The port of the embedded PostgreSQL must be below 32768.").default(15_432),
  }),
  z.object({
    kind: z.literal("server"),
    host: line("The host of the database server", 255),
    port: tcpPort.default(5432),
    database: line("The name of the database", 63).default("rec_io_db"),
    /** The database to connect to while ours does not exist yet. */
    adminDatabase: line("The administrator's database", 63).default("postgres"),
    adminUser: line("The administrator's name", 63).default("postgres"),
    appUser: line("The name of REC.IO's role", 63).default("rec_io_user"),
    sslmode: z.enum(["disable", "require", "verify-ca", "verify-full"]).default("disable"),
    caFile: absolutePath("The CA file").optional(),
  }),
]);

/** Copy the three schemas from the remote source, as a role that can only read. */
export const sourceAnswer = z.object({
  kind: z.literal("source"),
  host: line("The host of the source", 255),
  port: tcpPort.default(5432),
  database: line("The name of the source's database", 63).default("rec_io_db"),
  user: line("The name of the reading role", 63).default("rec_io_installer"),
  sslmode: z.enum(["disable", "require", "verify-ca", "verify-full"]).default("verify-full"),
  caFile: absolutePath("The CA file of the source").optional(),
  /** `deep` also hashes the contents at both ends; a link without TLS is always checked so. */
  verify: z.enum(["stored", "deep"]).default("stored"),
  /** Agreed: copied also where the source's access log takes no line. */
  withoutLog: z.boolean().default(false),
  /** Tables that hold rows here keep them, or keep them under a dated name and take the source's. */
  occupied: z.enum(["keep", "replace"]).default("keep"),
});

/** Take them out of a backup of the person's own: what pg_dump made, as .dump, .sql, or in a .tar.gz. */
export const dumpAnswer = z.object({
  kind: z.literal("backup"),
  file: absolutePath("The file of the backup"),
  /** Tables that hold rows here keep them, or keep them under a dated name and take the backup's. */
  occupied: z.enum(["keep", "replace"]).default("keep"),
});

export const dataAnswer = z.discriminatedUnion("kind", [
  /** Build analytics.probability_lookup_btc from the fingerprint archive in the checkout. */
  z.object({ kind: z.literal("archive") }),
  sourceAnswer,
  dumpAnswer,
  z.object({ kind: z.literal("none") }),
]);

export const pythonAnswer = z.object({
  /** Where the Python packages come from: Debian's with a --system-site-packages venv, or pip with requirements.txt. */
  packages: z.enum(["system", "pip"]).default("system"),
  /** A folder of wheels that pip installs from instead of the package index: for machines without the internet. */
  wheels: absolutePath("The folder of wheels").optional(),
});

/** What the person agreed to beforehand; each thing is also listed in the plan. */
export const consentAnswer = z.object({
  /** Packages of the operating system may be installed with its package manager. */
  systemPackages: z.boolean().default(false),
  /** Programs of the checkout whose script is missing and that the person agreed to go without. */
  goOnWithout: z.array(line("The name of a program", 100)).default([]),
  /** REC.IO is shown today's prices and account of Kalshi under the names that it knows. For reading, never for orders. */
  translateKalshi: z.boolean().optional(),
  /** A unit of systemd or an agent of launchd may start REC.IO at boot. */
  startAtBoot: z.boolean().optional(),
});

/** This installation is another one's, out of its backup. */
export const movedAnswer = z.object({
  /** ISO 8601: when the backup was made. */
  madeAt: line("When the backup was made", 40),
  /** The name of the machine on which it was made. */
  machine: line("The name of the other machine", 255),
});

/** Everything that a plan is made from. The wizard, the answers file and the installation record use this one schema. */
export const answers = z.object({
  version: z.literal(1).default(1),
  checkout: checkoutAnswer,
  person: personAnswer,
  kalshi: kalshiAnswer,
  database: databaseAnswer.default({ kind: "embedded", port: 15_432 }),
  data: dataAnswer.default({ kind: "archive" }),
  python: pythonAnswer.default({ packages: "system" }),
  consent: consentAnswer.default({ systemPackages: false, goOnWithout: [] }),
  moved: movedAnswer.optional(),
});
export type Answers = z.infer<typeof answers>;

/**
 * The wizard's answers while it is being filled in: each page complete or absent, and nothing filled in by a default that
 * the person has not seen. Never holds a secret.
 */
export const draftAnswers = z
  .object({
    checkout: checkoutAnswer,
    person: personAnswer,
    kalshi: kalshiAnswer,
    database: databaseAnswer,
    data: dataAnswer,
    python: pythonAnswer,
    consent: consentAnswer,
  })
  .partial();
export type DraftAnswers = z.infer<typeof draftAnswers>;

/**
 * The answers of a page, with the key id of before where the page left it out: no page is told it, so it need not be
 * given again with the private key. Pure.
 */
export function withKnownKeyId(given: object, before: DraftAnswers): object {
  const { kalshi } = given as { kalshi?: { keyId?: unknown } };
  if (kalshi?.keyId !== "" || before.kalshi?.kind !== "key") return given;
  return { ...given, kalshi: { ...kalshi, keyId: before.kalshi.keyId } };
}

/** Where an unattended run finds the secrets: files, never the answers file itself. */
export const secretFiles = z.object({
  kalshiPrivateKeyFile: absolutePath("The file of the Kalshi private key").optional(),
  loginPasswordFile: absolutePath("The file of the login password").optional(),
  databaseAdminPasswordFile: absolutePath("The file of the database administrator's password").optional(),
  sourcePasswordFile: absolutePath("The file of the source's password").optional(),
});

/** The file that `npm run setup -- --answers FILE` and `npm run plan -- --answers FILE` read. */
export const answersFile = answers.extend({ secrets: secretFiles.default({}) });
export type AnswersFile = z.infer<typeof answersFile>;

/** The schema's own sentence, or a plain one where zod speaks to programmers. */
function plainly(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too|Unrecognized)\b/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type")
    return /received undefined/.test(issue.message)
      ? "This answer is missing."
      : `This must be ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}.`;
  if (issue.code === "invalid_value") return `This must be ${issue.values.map(String).join(" or ")}.`;
  if (issue.code === "invalid_union" && "options" in issue && Array.isArray(issue.options))
    return `This must be ${issue.options.map(String).join(" or ")}.`;
  return `${issue.message.replace(/\.$/, "")}.`;
}

/** Every issue of a refused answer as `path: sentence`, for a page or a terminal. */
export function answerIssues(error: z.ZodError): { path: string; says: string }[] {
  return error.issues.map((issue) => ({ path: issue.path.join("."), says: plainly(issue) }));
}

/**
 * Names in a given file that no answer has, as `kalshi.privateKey`: a slip of the pen there would otherwise be a default
 * that nobody chose. Pure.
 * @param given what stands in the file
 * @param known what the schema took from it; or, where it refused the file, the schema's shape
 */
export function unknownAnswers(given: unknown, known: unknown, below = ""): string[] {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return [];
  if (typeof known !== "object" || known === null) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    Object.hasOwn(known, name)
      ? unknownAnswers(value, (known as Record<string, unknown>)[name], `${below}${name}.`)
      : [`${below}${name}`],
  );
}
