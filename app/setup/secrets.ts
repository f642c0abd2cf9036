import { z } from "zod";

/** bcrypt reads no more than this many bytes of a password. */
const bcryptBytes = 72;

/** The secrets as a page of the wizard hands them in; what comes out is held in memory for the run. */
export const givenSecrets = z
  .object({
    kalshiPrivateKey: z.string().max(65_536, "The private key is larger than 64 kB.").optional(),
    kalshiPassphrase: z.string().max(1000, "The passphrase is longer than 1000 characters.").optional(),
    loginPassword: z
      .string()
      .min(8, "The password is shorter than 8 characters.")
      .refine((text) => Buffer.byteLength(text) <= bcryptBytes, `The password is longer than ${bcryptBytes} bytes.`)
      .optional(),
    loginPasswordAgain: z.string().optional(),
    databaseAdminPassword: z.string().max(1000, "The password is longer than 1000 characters.").optional(),
    sourcePassword: z.string().max(1000, "The password is longer than 1000 characters.").optional(),
  })
  .refine((given) => given.loginPassword === given.loginPasswordAgain, {
    path: ["loginPasswordAgain"],
    error: "The two passwords are not the same.",
  })
  .transform(({ loginPasswordAgain: _again, ...secrets }) => secrets);
