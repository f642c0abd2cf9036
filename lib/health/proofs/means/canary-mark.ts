import { randomUUID } from "node:crypto";

/** The ticker of every canary row. No market of the exchange has it. */
export const canaryTicker = "PROBE";

const ticket = /^PROBE-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A new ticket id that marks a row as ours. */
export function newCanaryTicket(): string {
  return `PROBE-${randomUUID()}`;
}

/** True for a ticket id that {@link newCanaryTicket} made. */
export function isCanaryTicket(id: string): boolean {
  return ticket.test(id);
}
