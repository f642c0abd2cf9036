import { redirect } from "next/navigation";
import { runtime } from "../lib/runtime.ts";
import { Gate } from "./server/gate.tsx";
import { whereToGo } from "./server/where.ts";

/** Where are we? */
export default function Page() {
  return <Gate>{async () => redirect(whereToGo(await runtime().runs()))}</Gate>;
}
