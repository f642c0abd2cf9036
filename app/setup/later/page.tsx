import Link from "next/link";
import { SetupPage } from "../setup-page.tsx";

export const metadata = { title: "Leave for now · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => (
        <main id="main" className="wrap entry">
          <div>
            <h1>You can close this page.</h1>
            <p className="lead">
              Your answers are kept on this machine, readable by you alone. Passwords and keys were not written down:
              they are asked again if the server is stopped in between.
            </p>
          </div>
          <p className="small quiet">
            <code>npm run setup</code> brings you back here. <Link href="/setup">Or go on now</Link>.
          </p>
        </main>
      )}
    </SetupPage>
  );
}
