import Link from "next/link";
import type { OpenRehearsal } from "../../rehearsal/contract.ts";
import { RehearseButton } from "../../rehearsal/rehearse-button.tsx";
import type { TrailEntry } from "../trail.ts";
import { Wizard } from "../wizard.tsx";

const never = [
  "It never sends an order. Kalshi is sent GET requests and nothing else.",
  "It never lets REC.IO send a new one before you say so: automated entry is off, and held off.",
  "It never changes anything that you have not seen in the plan.",
  "It never changes a file of the checkout that git tracks.",
  "It never calls something installed that it has not seen work.",
  "It never sends a word about you or this machine anywhere.",
];

const pages = [
  ["Five questions", "which checkout, who you are, which Kalshi key, which database, which data. About five minutes."],
  ["One plan", "every file, table and program that would be made, before the first of them."],
  ["One run", "some minutes, most of them for 8.84 million probabilities. It goes on when you close the page."],
  ["The health page", "the same questions, asked for ever after, with their ages."],
] as const;

export function WelcomePage({
  trail,
  next,
  rehearse,
}: {
  trail: readonly TrailEntry[];
  next: string;
  /** Absent in the rehearsal itself. */
  rehearse?: OpenRehearsal;
}) {
  const begun = next !== "/setup/checkout";
  return (
    <Wizard
      here="welcome"
      trail={trail}
      why={[
        "REC.IO’s programs can all run, all say “healthy”, and none of them work. So nothing here is believed before it was seen.",
      ]}
      waitsFor={
        begun
          ? "Your answers are here; secrets are asked again where they are no longer held."
          : "Nothing is changed before the last page, and only when you say so."
      }
      action={
        <Link className="btn btn-do" href={next} prefetch={false}>
          {begun ? "Go on" : "Begin"}
        </Link>
      }
      aside={
        <aside className="aside" aria-label="What it will never do">
          <h2>What it will never do</h2>
          <ul className="never">
            {never.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </aside>
      }
    >
      <div className="ask">
        <div>
          <h1>This installs REC.IO, and proves that it works.</h1>
          <p className="lead">
            You have a checkout of REC.IO and perhaps a key for Kalshi. This page makes a working system of them on this
            machine, and then keeps looking at it.
          </p>
        </div>
        <ol className="agenda">
          {pages.map(([title, says], index) => (
            <li key={title}>
              <span className="data">{index + 1}</span>
              <p>
                <b>{title}</b>: {says}
              </p>
            </li>
          ))}
        </ol>
        {rehearse && <RehearseButton open={rehearse} />}
        <p className="small quiet">
          Your answers are kept on this machine as you give them, readable by you alone. Passwords and keys are not:
          they stay in memory until the run has put them in their place, and are asked again if that is lost.
        </p>
      </div>
    </Wizard>
  );
}
