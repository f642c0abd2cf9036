import { z } from "zod";
import { Problem, sentence } from "../../problem.ts";

const services = z.record(z.string(), z.looseObject({ port: z.number().int().min(1).max(65_535).optional() }));
const manifest = z.looseObject({ core_services: services.optional(), watchdog_services: services.optional() });

/** Where the checkout keeps its ports, relative to the root. */
export const manifestPath = "backend/core/config/MASTER_PORT_MANIFEST.json";

/**
 * Name → port of the manifest, core services before watchdogs, as REC.IO's own port_config.py looks them up. Pure.
 * @throws Problem `checkout.manifest-unreadable`.
 */
export function parseManifest(text: string): Record<string, number> {
  const unreadable = (why: string) =>
    new Problem({
      code: "checkout.manifest-unreadable",
      says: "The port manifest of the checkout cannot be read.",
      remedy: sentence(`Take ${manifestPath} from the repository again.`),
      evidence: { asked: manifestPath, cameBack: why },
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw unreadable((thrown as Error).message);
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) throw unreadable(parsed.error.issues[0]?.path.join(".") ?? "another shape");
  const both = { ...parsed.data.watchdog_services, ...parsed.data.core_services };
  return Object.fromEntries(
    Object.entries(both).flatMap(([name, { port }]) => (port === undefined ? [] : [[name, port]])),
  );
}

/**
 * Whether a script opens a listener of its own: the calls with which Python programs do. The manifest gives ports also
 * to programs that never listen (facts: 8004, 8005 and 8011 are bound by nothing). Pure.
 */
export function listens(source: string): boolean {
  const code = source.replace(/^\s*#.*$/gm, "");
  return /\buvicorn\.(run|Server)\s*\(|\bapp\.run\s*\(|\bweb\.run_app\s*\(|\brun_simple\s*\(|\bmake_server\s*\(|\b(Threading)?(HTTPServer|TCPServer)\s*\(|\bserve_forever\s*\(|\bstart_server\s*\(|\bwebsockets\.serve\s*\(/.test(
    code,
  );
}
