"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SupervisedProgram } from "../../lib/runtime.ts";
import { Choice } from "../form/choice.tsx";
import { useNow } from "../ui/clock.ts";
import { spanOf } from "../ui/format.ts";
import { Log } from "../ui/log.tsx";
import { Polling } from "./query.tsx";

type Stream = "out" | "err";

function Tail({ program, stream }: { program: string; stream: Stream }) {
  const now = useNow();
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ["log", program, stream],
    queryFn: async ({ signal }) => {
      const response = await fetch(`/api/logs/${encodeURIComponent(program)}?stream=${stream}&lines=300`, { signal });
      const body = (await response.json()) as { lines?: string[]; problem?: { says: string } };
      if (!body.lines) throw new Error(body.problem?.says ?? "The log cannot be read.");
      return body.lines;
    },
    refetchInterval: 2000,
  });
  return (
    <div className="logs-tail">
      <Log
        title={`${program}, ${stream === "out" ? "what it says" : "what it complains"}`}
        lines={(data ?? []).map((line) => ({ line }))}
        now={now}
      />
      <p className="small quiet pt-2">
        {error ? (
          <span className="w-unknown">{error.message}</span>
        ) : data === undefined ? (
          "Reading…"
        ) : (
          `Read ${spanOf(now === 0 ? 0 : now - dataUpdatedAt)} ago; the last 300 lines.`
        )}
      </p>
    </div>
  );
}

/** The programs' own words: one program and one stream at a time. */
export function LogsView({ programs }: { programs: readonly SupervisedProgram[] }) {
  const [program, setProgram] = useState(programs[0]?.name ?? "");
  const [stream, setStream] = useState<Stream>("out");
  return (
    <Polling>
      <main id="main" className="wrap logs">
        <div className="ask">
          <h1>What do the programs write?</h1>
          <Choice<Stream>
            legend="Stream"
            name="stream"
            value={stream}
            onValue={setStream}
            options={[
              { value: "out", title: "What it says", data: "out" },
              { value: "err", title: "What it complains", data: "err" },
            ]}
          />
          <Choice
            legend="Program"
            name="program"
            value={program}
            onValue={setProgram}
            options={programs.map((each) => ({
              value: each.name,
              title: <code>{each.name}</code>,
              data: each.upForMs === undefined ? each.state : `${each.state}, ${spanOf(each.upForMs)}`,
            }))}
          />
          {programs.length === 0 && <p className="small quiet">No program is supervised yet.</p>}
        </div>
        {program && <Tail key={`${program} ${stream}`} program={program} stream={stream} />}
      </main>
    </Polling>
  );
}
