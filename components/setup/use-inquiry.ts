"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { InquiryInput, InquiryState } from "../../lib/runtime.ts";
import type { FieldIssue } from "../ui/answer.ts";
import { answered } from "../ui/answered.ts";
import { writeToken } from "../ui/write-token.ts";
import type { SetupActions } from "./contract.ts";

/**
 * One inquiry at a time: a new one cancels the one in hand. The server answers with an id at once and tells the rest
 * over a stream, so a ladder can be climbed for seconds without an action waiting for it.
 */
export function useInquiry(actions: Pick<SetupActions, "inquire" | "cancelInquiry">) {
  const [inquiry, setInquiry] = useState<InquiryState>();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [refused, setRefused] = useState<FieldIssue[]>([]);
  const inHand = useRef<{ id: string; stream: EventSource } | undefined>(undefined);
  const latest = useRef(0);

  const drop = useCallback(() => {
    latest.current += 1;
    const { current } = inHand;
    inHand.current = undefined;
    if (!current) return;
    current.stream.close();
    void answered(actions.cancelInquiry(writeToken(), current.id));
  }, [actions]);

  const forget = useCallback(() => {
    drop();
    setInquiry(undefined);
    setProblem(undefined);
    setRefused([]);
  }, [drop]);

  const ask = useCallback(
    async (input: InquiryInput) => {
      drop();
      const mine = latest.current;
      setProblem(undefined);
      setRefused([]);
      const answer = await answered(actions.inquire(writeToken(), input));
      if (mine !== latest.current) return;
      if (!answer.ok) {
        setInquiry(undefined);
        setProblem(answer.problem);
        setRefused(answer.issues ?? []);
        return;
      }
      const stream = new EventSource(`/api/inquiries/${answer.value.id}/events`);
      inHand.current = { id: answer.value.id, stream };
      stream.onmessage = (message) => {
        const state = JSON.parse(message.data) as InquiryState;
        setInquiry(state);
        if (!state.done) return;
        stream.close();
        inHand.current = undefined;
      };
    },
    [actions, drop],
  );

  useEffect(() => drop, [drop]);
  return { inquiry, problem, refused, ask, forget };
}
