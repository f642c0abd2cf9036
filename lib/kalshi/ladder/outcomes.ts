import { type Remedy, sentence } from "../../problem.ts";
import type { KalshiEnvironment } from "../../settings.ts";

/** How the diagnosis of a key ends. The first four mean that Kalshi accepts it and REC.IO can use it. */
export const outcomes = [
  "ok",
  "ok_read_only",
  "ok_exchange_paused",
  "ok_no_crypto_funds",
  "key_not_usable_by_recio",
  "wrong_environment",
  "unknown_key",
  "pair_mismatch",
  "clock",
  "restricted",
  "rate_limited",
  "exchange_down",
  "network",
  "unexpected",
  "bad_key",
] as const;
export type Outcome = (typeof outcomes)[number];

/** True where the person may go on with this key. */
export function isAccepted(outcome: Outcome): boolean {
  return outcome.startsWith("ok");
}

export const otherEnvironment = (environment: KalshiEnvironment): KalshiEnvironment =>
  environment === "prod" ? "demo" : "prod";

/** An environment as a sentence calls it. */
export const spokenEnvironment = (environment: KalshiEnvironment): "demo" | "production" =>
  environment === "prod" ? "production" : "demo";

/** What an outcome says and what to do about it, in the words of the page and of the terminal. */
export function outcomeWords(outcome: Outcome, environment: KalshiEnvironment): { says: string; remedy?: Remedy } {
  const here = spokenEnvironment(environment);
  const other = spokenEnvironment(otherEnvironment(environment));
  const site = environment === "prod" ? "kalshi.com" : "demo.kalshi.co";
  switch (outcome) {
    case "ok":
      return { says: "Kalshi accepts this key." };
    case "ok_read_only":
      return {
        says: "Kalshi accepts this key for reading; it may not trade.",
        remedy: sentence("For trading, create a key with the right to trade; a key's rights cannot be changed later."),
      };
    case "ok_exchange_paused":
      return {
        says: "Kalshi accepts this key; the exchange pauses trading now.",
        remedy: sentence(
          "Nothing is to be done: Kalshi pauses on Thursdays from 03:00 to 05:00 New York time, at times longer.",
        ),
      };
    case "ok_no_crypto_funds":
      return {
        says: "Kalshi accepts this key; no money lies where Bitcoin markets trade.",
        remedy: sentence("Transfer money to exchange shard 2 on Kalshi's page before trading."),
      };
    case "key_not_usable_by_recio":
      return {
        says: "REC.IO cannot sign with a key of this type.",
        remedy: sentence("Create a new key on Kalshi's account page and choose RSA."),
      };
    case "wrong_environment":
      return {
        says: `This is a ${other} key.`,
        remedy: sentence(`Choose ${other}, or give a ${here} key from ${site}.`),
      };
    case "unknown_key":
      return {
        says: `Kalshi knows this key id neither in ${here} nor in ${other}.`,
        remedy: sentence(`Compare the id with the list of keys on ${site}; a deleted key is not listed there.`),
      };
    case "pair_mismatch":
      return {
        says: "Key id and private key do not belong together.",
        remedy: sentence("Every key has its own id: give the id that stands beside this very key on Kalshi's page."),
      };
    case "clock":
      return {
        says: "This machine's clock is off, and Kalshi refuses requests that are signed at a wrong time.",
        remedy: sentence("Turn on the machine's network time, then look again."),
      };
    case "restricted":
      return {
        says: "Kalshi knows this key and does not let it read the balance.",
        remedy: sentence("Create a key for the whole account with the right to read all data."),
      };
    case "rate_limited":
      return {
        says: "Kalshi answers that this account asks too often; nothing is known of the key.",
        remedy: sentence("Stop other programs that use this account, wait a minute, then look again."),
      };
    case "exchange_down":
      return {
        says: "Kalshi is down; nothing is known of the key.",
        remedy: sentence("Look again later; Kalshi's maintenance is on Thursdays from 03:00 to 05:00 New York time."),
      };
    case "network":
      return {
        says: "Kalshi is not reachable from this machine; nothing is known of the key.",
        remedy: sentence("Check the connection to the internet, then look again."),
      };
    case "unexpected":
      return {
        says: "Kalshi answers in a way that is not known here; nothing is known of the key.",
        remedy: sentence("Look again; where it stays so, report the status and code that the row shows."),
      };
    case "bad_key":
      return {
        says: "The text is no key that REC.IO can use.",
        remedy: sentence("Give the file that Kalshi offered for download when the key was created."),
      };
  }
}
