const place = "rec-io-setup.write-token";

/**
 * The token that every write carries. It is kept in storage that belongs to this origin, port included, because the
 * cookie does not: pages on other ports of localhost receive that one too.
 */
export function writeToken(): string {
  return localStorage.getItem(place) ?? "";
}

export function keepWriteToken(token: string): void {
  localStorage.setItem(place, token);
}
