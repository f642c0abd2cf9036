"use client";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import type { FieldIssue } from "../ui/answer.ts";
import { answered } from "../ui/answered.ts";
import { writeToken } from "../ui/write-token.ts";
import type { PageAnswer, SetupActions } from "./contract.ts";

const place = (page: string) => `rec-io-setup.page.${page}`;

/**
 * The fields of a page while they are being typed. What is complete is saved by the server; what is not yet complete is
 * kept by this tab, so that a reload loses nothing. Secrets are never given to this.
 */
export function useKeptFields<Fields extends Record<string, string | boolean>>(page: string, initial: Fields) {
  const [fields, setFields] = useState(initial);
  useEffect(() => {
    const kept = sessionStorage.getItem(place(page));
    if (kept) setFields((now) => ({ ...now, ...(JSON.parse(kept) as Partial<Fields>) }));
  }, [page]);
  const set = useCallback(
    (patch: Partial<Fields>) =>
      setFields((now) => {
        const next = { ...now, ...patch };
        sessionStorage.setItem(place(page), JSON.stringify(next));
        return next;
      }),
    [page],
  );
  return [fields, set] as const;
}

/** Saves a page and goes on to the next, or shows the sentence that each refused field came back with. */
export function useSaving(save: SetupActions["save"], page: string, next: string) {
  const router = useRouter();
  const [saving, startSaving] = useTransition();
  const [problem, setProblem] = useState<ProblemFacts>();
  const [issues, setIssues] = useState<FieldIssue[]>([]);
  const lastKept = useRef("");
  // Whoever was refused stands in the first field that has to be changed.
  useEffect(() => {
    if (issues.length > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [issues]);

  const goOn = (answer: PageAnswer) =>
    startSaving(async () => {
      const came = await answered(save(writeToken(), { ...answer, leaving: true }));
      if (came.ok) {
        sessionStorage.removeItem(place(page));
        router.push(next);
        return;
      }
      setIssues(came.issues ?? []);
      setProblem(came.issues?.length ? undefined : came.problem);
    });

  /** On leaving a field: what is complete becomes part of the draft, what is not is not complained about yet. */
  const keep = (answers: PageAnswer["answers"]) => {
    const text = JSON.stringify(answers);
    if (text === lastKept.current) return;
    lastKept.current = text;
    void answered(save(writeToken(), { answers })).then((came) => {
      // What did not arrive is sent again when a field is left the next time.
      if (!came.ok && came.problem.code === "page.no-answer") lastKept.current = "";
    });
  };

  return { saving, problem, issues, goOn, keep };
}

/** An answer as the schema wants it: a blank optional field is absent. */
export function withoutBlanks<Fields extends Record<string, string>>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== "")) as Partial<Fields>;
}
