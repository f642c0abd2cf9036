import type { NextConfig } from "next";

/** The folder of the version that is being built, from lib/launcher/build.cjs; without one this is a build by hand. */
const build = process.env.REC_SETUP_BUILD;

/**
 * Pages only: the listener in lib/server stands in front and owns host, headers and sessions. Types are checked by
 * `npm run check`, not on the person's machine.
 */
const config: NextConfig = {
  poweredByHeader: false,
  devIndicators: false,
  distDir: build ? `${build}/next` : ".next",
  typescript: { ignoreBuildErrors: true, ...(build ? { tsconfigPath: `${build}/tsconfig.json` } : {}) },
};
export default config;
