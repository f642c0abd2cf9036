import { DataPage } from "../../../components/setup/pages/data-page.tsx";
import { trailOf } from "../../../components/setup/trail.ts";
import { runtime } from "../../../lib/runtime.ts";
import { save } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";

export const metadata = { title: "System data · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => {
        const draft = await runtime().draft();
        return <DataPage draft={draft} trail={trailOf(draft)} actions={{ save }} />;
      }}
    </SetupPage>
  );
}
