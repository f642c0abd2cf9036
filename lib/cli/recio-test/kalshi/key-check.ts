import type { DrillResult } from "../report.ts";

/** A door of the product: its JSON answer and its exit code. */
type Door = (name: string, args: readonly string[]) => Promise<{ exit: number | null; json: Record<string, unknown> }>;

/** The diagnosis of the key at the terminal, through the names and the certificate authority of the namespace. */
export async function keyIsChecked(door: Door, keyId: string, pemFile: string, checkout: string): Promise<DrillResult> {
  const words = ["--env", "demo", "--key-id", keyId, "--pem", pemFile, "--checkout", checkout];
  const { exit, json } = await door("check-key", words);
  const receipt = json.receipt as { id: string; level: string }[] | undefined;
  const held = exit === 0 && String(json.outcome).startsWith("ok") && (receipt?.length ?? 0) > 0;
  const abilities = (receipt ?? []).map(({ id, level }) => `${id} ${level}`).join(", ");
  return { name: "check-key", held, says: `${json.outcome}: ${json.says} ${abilities}` };
}
