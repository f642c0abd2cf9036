import "./globals.css";
import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { RehearsalBand } from "../components/rehearsal/rehearsal-band.tsx";
import { runtime } from "../lib/runtime.ts";

export const metadata: Metadata = {
  title: "REC.IO Setup",
  description: "Installs REC.IO on this machine, and keeps proving that it works.",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f7f4ee" },
    { media: "(prefers-color-scheme: dark)", color: "#161513" },
  ],
};

/** No page is static: each reads the machine, and the scripts of a static page would carry no nonce. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  await connection();
  return (
    <html lang="en">
      <head>
        <link rel="icon" type="image/svg+xml" href="/icons/unknown.svg" />
        <link
          rel="preload"
          as="font"
          type="font/woff2"
          href="/fonts/newsreader-display.woff2"
          crossOrigin="anonymous"
        />
        <link rel="preload" as="font" type="font/woff2" href="/fonts/geist.woff2" crossOrigin="anonymous" />
      </head>
      <body>
        {runtime().kind === "rehearsal" && <RehearsalBand />}
        {children}
      </body>
    </html>
  );
}
