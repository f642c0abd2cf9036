import { join } from "node:path";
import type { StatePaths } from "../../paths.ts";
import type { KalshiEnvironment } from "../../settings.ts";

/** Everything of the rehearsal's own that lies in its state folder: leaving it removes this one folder. */
export interface RehearsalPlaces {
  readonly folder: string;
  /** What was chosen once: ports and the key's id. */
  readonly record: string;
  /** What an answers file may ask for by name. */
  readonly offers: string;
  readonly checkout: string;
  /** Which version of this product the checkout was made by. */
  readonly checkoutVersion: string;
  readonly kalshiKey: string;
  /** Keys for trying what another one changes. */
  readonly spareKeys: Readonly<Record<KalshiEnvironment, string>>;
  /** The id of a key that a backup brought: this rehearsal's exchange is to know it. */
  readonly broughtKeyId: string;
  readonly loginPassword: string;
  /** What the process of the stand-ins was told; its command line names this file, and so the process is found again. */
  readonly outsideOrder: string;
  readonly outsideLog: string;
  /** The state folder of the source's own PostgreSQL. */
  readonly source: string;
  /** The password of the role that may read the source. */
  readonly sourcePassword: string;
}

/** The places of the rehearsal below a state folder. Pure. */
export function rehearsalPlaces({ state }: Pick<StatePaths, "state">): RehearsalPlaces {
  const at = (...parts: string[]) => join(state, "rehearsal", ...parts);
  return {
    folder: at(),
    record: at("world.json"),
    offers: at("offers.json"),
    checkout: at("rec_io"),
    checkoutVersion: at("rec_io.version"),
    kalshiKey: at("kalshi.pem"),
    spareKeys: { demo: at("another-demo-key.txt"), prod: at("production-key.txt") },
    broughtKeyId: at("kalshi-key.id"),
    loginPassword: at("login.password"),
    outsideOrder: at("outside.json"),
    outsideLog: at("outside.log"),
    source: at("source"),
    sourcePassword: at("source-role.password"),
  };
}
