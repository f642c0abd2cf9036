"use client";
import { useEffect } from "react";

/** The tab says what the page says: its title, and the shape of its icon. */
export function useTab(title: string, icon: "ok" | "warn" | "fail" | "unknown" | "running"): void {
  useEffect(() => {
    document.title = `${title} · REC.IO Setup`;
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = `/icons/${icon}.svg`;
  }, [title, icon]);
}
