import { z } from "zod";
import { runtime } from "../../../../lib/runtime.ts";
import { json, reading } from "../../../server/json.ts";

const asked = z.object({
  program: z.string().regex(/^\w+$/),
  stream: z.enum(["out", "err"]).default("out"),
  lines: z.coerce.number().int().min(1).max(2000).default(300),
});

/** The last lines of one program's log. */
export async function GET(request: Request, { params }: { params: Promise<{ program: string }> }): Promise<Response> {
  return reading(request, async () => {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const given = asked.safeParse({ ...query, ...(await params) });
    if (!given.success) return json({ problem: { code: "logs.not-asked-well", says: "There is no such log." } }, 400);
    const { program, stream, lines } = given.data;
    return json({ lines: await runtime().logTail(program, stream, lines) });
  });
}
