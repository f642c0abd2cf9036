import { WelcomePage } from "../../components/setup/pages/welcome-page.tsx";
import { pages, trailOf } from "../../components/setup/trail.ts";
import { runtime } from "../../lib/runtime.ts";
import { open } from "../rehearsal/actions.ts";
import { SetupPage } from "./setup-page.tsx";

export const metadata = { title: "What this is · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => {
        const trail = trailOf(await runtime().draft());
        const next = trail.find((page) => page.id !== "welcome" && !page.given) ?? pages[6];
        return <WelcomePage trail={trail} next={next.href} {...(runtime().rehearse ? { rehearse: open } : {})} />;
      }}
    </SetupPage>
  );
}
