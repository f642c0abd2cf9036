import type { Machine } from "../../machine/machine.ts";
import type { DoorAnswer } from "./crashes.ts";
import { treeStatus } from "./outside-in.ts";
import type { RecioTestReport } from "./report.ts";

type Door = (name: string, args: readonly string[]) => Promise<Required<DoorAnswer>>;

/** A server's administrator is not known any more: without his password nothing may be taken back, not even a part. */
export async function uninstallWithoutPassword(
  door: Door,
  health: () => Promise<{ status: number }>,
): Promise<RecioTestReport["drills"][number]> {
  const { exit, json } = await door("uninstall", ["--yes"]);
  const problem = json.problem as { code?: string; says?: string } | undefined;
  const { status } = await health();
  return {
    name: "uninstall without the administrator's password",
    held: exit === 1 && problem?.code === "database.password-missing" && status === 200,
    says: `It ended with ${exit} and said "${problem?.says}"; the page answers ${status}.`,
  };
}

/** Without the person's answer the gate must stop the run before anything is changed. */
export async function gateFirst(
  door: Door,
  answersPath: string,
  machine: Machine,
  { checkout, port }: { checkout: string; port: number },
  before: readonly string[],
) {
  const { json } = await door("setup", ["--answers", answersPath, "--no-open", `--port=${port}`]);
  await door("stop", []);
  const problem = json.problem as { says?: string } | undefined;
  const after = await treeStatus(machine, checkout);
  return {
    blocked: true as const,
    says: problem?.says ? [problem.says] : [JSON.stringify(json).slice(0, 500)],
    changedBefore: after.filter((line) => !before.includes(line)),
  };
}
