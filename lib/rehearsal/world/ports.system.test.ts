import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { outsideProcess } from "./outside-process.ts";
import { rehearsalPlaces } from "./places.ts";

test("a port of the stand-ins that somebody else has taken is named with who holds it, and nothing is started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rec-ports-"));
  const stranger = createServer();
  try {
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { port } = stranger.address() as AddressInfo;
    const machine = localMachine({ stateFolder: folder });
    const places = rehearsalPlaces(statePaths(folder));
    const ports = { kalshiProd: port, kalshiDemo: 1, coinbase: 1, kraken: 1, control: 1 };
    await expect(
      outsideProcess(machine, places, ports.control, "no build").ensure({
        ports,
        dialect: "2025",
        demoKeys: [],
        prodKeys: [],
      }),
    ).rejects.toMatchObject({
      code: "rehearsal.port-taken",
      message: expect.stringMatching(`Port ${port} of the rehearsal's stand-ins is held by .*process ${process.pid}`),
    });
    expect(await machine.files.facts(places.outsideOrder)).toBeUndefined();
  } finally {
    stranger.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
