/** The parts of a postgres:// address; what it does not say is absent. */
export interface PostgresAddress {
  host: string;
  port?: string;
  user?: string;
  password?: string;
  database?: string;
  sslmode?: string;
}

/** Takes a pasted address apart. Undefined for anything that is none, half-typed escapes included. Pure. */
export function postgresAddress(text: string): PostgresAddress | undefined {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, port, username, password, pathname, searchParams } = new URL(text);
  try {
    const sslmode = searchParams.get("sslmode");
    return {
      host: hostname,
      ...(port ? { port } : {}),
      ...(username ? { user: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(pathname.length > 1 ? { database: decodeURIComponent(pathname.slice(1)) } : {}),
      ...(sslmode ? { sslmode } : {}),
    };
  } catch {
    // A percent sign that escapes nothing: the address is not whole yet.
    return undefined;
  }
}
