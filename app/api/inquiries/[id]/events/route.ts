import { runtime } from "../../../../../lib/runtime.ts";
import { reading } from "../../../../server/json.ts";
import { eventStream } from "../../../../server/stream.ts";

/** The rungs of an inquiry as they are climbed: its whole state with every change. 204 where there is none to follow. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return reading(request, async () => {
    const { id } = await params;
    if (!runtime().inquiry(id)) return new Response(null, { status: 204 });
    return eventStream(request.signal, ({ send, end }) =>
      runtime().followInquiry(id, (state) => {
        send(state);
        if (state.done) end();
      }),
    );
  });
}
