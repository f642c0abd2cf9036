import { LeavePage } from "../../components/rehearsal/leave-page.tsx";
import { runtime } from "../../lib/runtime.ts";
import { Gate } from "../server/gate.tsx";
import { place } from "../server/place.ts";
import { leave } from "./actions.ts";

export const metadata = { title: "Leave the rehearsal · REC.IO Setup" };

export default function Page() {
  return (
    <Gate>
      {async () => {
        const [where, { goes }] = await Promise.all([place(), runtime().describeUninstall()]);
        return <LeavePage place={where} goes={goes} leave={leave} />;
      }}
    </Gate>
  );
}
