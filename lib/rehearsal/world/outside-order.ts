import { z } from "zod";

const keys = z.array(z.object({ keyId: z.string(), publicKeyPem: z.string() }));

/** What the process of the stand-ins is told, in a file: whom it plays, where, and which keys it knows. */
export const outsideOrder = z.object({
  ports: z.object({
    kalshiProd: z.number().int(),
    kalshiDemo: z.number().int(),
    coinbase: z.number().int(),
    kraken: z.number().int(),
    control: z.number().int(),
  }),
  /** "2025": prices in whole cents, as REC.IO reads them. "today": the fields that replaced them. */
  dialect: z.enum(["2025", "today"]),
  demoKeys: keys,
  prodKeys: keys,
});
export type OutsideOrder = z.infer<typeof outsideOrder>;
