import { createServer } from "node:net";

/** A port that is held for as long as REC.IO's programs run for a test; the system frees it however a process ends. */
const turnPort = 28_999;
const patienceMs = 480_000;

/**
 * Waits until no other test runs REC.IO's programs on this machine: the installer names a second REC.IO, and would be
 * right to name that one. Resolves with the way to let the next one have its turn.
 */
export async function takeTurn(): Promise<() => Promise<void>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const server = createServer();
    const mine = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen({ host: "127.0.0.1", port: turnPort, exclusive: true }, () => resolve(true));
    });
    if (mine) return () => new Promise((resolve) => server.close(() => resolve()));
    if (Date.now() > deadline) throw new Error(`another test has held port ${turnPort} for ${patienceMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
