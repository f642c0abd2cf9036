"use server";
import { z } from "zod";
import type { Answer } from "../../components/ui/answer.ts";
import { runtime } from "../../lib/runtime.ts";
import { answering } from "../server/answering.ts";

const name = z.string().min(1).max(200);

/** Asks one question again, or all of them. The answer is seen by the next poll: an action waits for nothing. */
export async function lookAgain(token: string, id?: string): Promise<Answer<null>> {
  return answering(token, async () => {
    void runtime().lookAgain(name.optional().parse(id)).catch(console.error);
    return null;
  });
}

/** Holds new orders again. */
export async function lock(token: string): Promise<Answer<null>> {
  return answering(token, async () => {
    await runtime().lockTrading();
    return null;
  });
}

/** The installation that this one came from no longer trades; the runtime checks the typed word. */
export async function confirmMove(token: string, typed: string): Promise<Answer<null>> {
  return answering(token, async () => {
    await runtime().confirmMove(z.string().max(100).parse(typed));
    return null;
  });
}

/** Releases new orders; the runtime checks the typed word and the second warning. */
export async function release(
  token: string,
  mode: "manual" | "all",
  typed: string,
  secondWarningSeen: boolean,
): Promise<Answer<null>> {
  return answering(token, async () => {
    await runtime().releaseTrading(
      z.enum(["manual", "all"]).parse(mode),
      z.string().parse(typed),
      z.boolean().parse(secondWarningSeen),
    );
    return null;
  });
}
