import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** Keys made for one test run; none is ever stored. */
export interface SampleKeys {
  rsa: KeyObject;
  pkcs1: string;
  pkcs8: string;
  /** The base64 letters of the PKCS#8 form on one line. */
  letters: string;
}

/** A fresh RSA key of 2048 bits in the forms in which people hold it. */
export function sampleKeys(): SampleKeys {
  const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pkcs1 = rsa.export({ type: "pkcs1", format: "pem" }).toString();
  const pkcs8 = rsa.export({ type: "pkcs8", format: "pem" }).toString();
  return { rsa, pkcs1, pkcs8, letters: pkcs8.replace(/-----[^-]+-----|\n/g, "") };
}
