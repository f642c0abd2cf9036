import Link from "next/link";

export default function NotFound() {
  return (
    <main id="main" className="wrap entry">
      <div>
        <h1>There is nothing at this address.</h1>
        <p className="lead">
          <Link href="/" prefetch={false}>
            Where we are
          </Link>{" "}
          is the way back.
        </p>
      </div>
    </main>
  );
}
