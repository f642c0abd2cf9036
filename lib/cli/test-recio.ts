import { isProblem, problemFacts } from "../problem.ts";
import { installInside } from "./recio-test/inside.ts";
import { readRecioTestOptions } from "./recio-test/options.ts";
import { testRecio } from "./recio-test/outside-in.ts";

/**
 * `npm run test:recio`: installs a real checkout in a private network, mount and process namespace, proves it, breaks
 * it, mends it, takes it back, and prints what was seen. Called again by itself with `--inside FILE` in that namespace.
 */
export async function main(args: readonly string[]): Promise<never> {
  const json = args.includes("--json") || args[0] === "--inside";
  const say = (line: string) => process.stderr.write(`${line}\n`);
  try {
    if (args[0] === "--inside") {
      await installInside(args[1] ?? "", say);
      process.exit(0);
    }
    const { report, held } = await testRecio(readRecioTestOptions(args), say);
    const text = JSON.stringify(report, null, json ? undefined : 2);
    await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
    process.exit(held ? 0 : 1);
  } catch (thrown) {
    const facts = isProblem(thrown) ? problemFacts(thrown) : undefined;
    if (json && facts) process.stdout.write(`${JSON.stringify({ problem: facts })}\n`);
    say(
      facts
        ? `${facts.says} ${facts.remedy?.says ?? ""}`
        : thrown instanceof Error
          ? (thrown.stack ?? "")
          : String(thrown),
    );
    if (facts?.evidence) say(facts.evidence.cameBack);
    process.exit(1);
  }
}
