"use client";
import { useRef, useState } from "react";
import { plural } from "../ui/format.ts";

/** A secret that was read: its text stays in this tab's memory until it is handed over. */
export interface ReadSecret {
  text: string;
  /** The file's name, or "pasted". */
  from: string;
}

const mostBytes = 65_536;
const guard = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/;

/** The guard lines around a key are no secret; whatever else stands in the first or last line is not drawn. */
function guards(text: string): { first: string; last: string; lines: number } {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const drawn = (line: string | undefined) => (line !== undefined && guard.test(line) ? line : "");
  return { first: drawn(lines[0]), last: drawn(lines.at(-1)), lines: lines.length };
}

function Bars() {
  return (
    <div className="redact" role="img" aria-label="hidden">
      <i />
      <i />
      <i />
      <i />
      <i className="short" />
    </div>
  );
}

/** What a file holds. Bytes of ASN.1 (.der, .p12) are no text: in base64 the server can tell what they are. */
async function textOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes[0] !== 0x30 || (bytes[1] ?? 0) < 0x80) return file.text();
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Paste, drop or choose a private key. Once it is read, ink bars stand for it: no part of it is drawn again. */
export function SecretBox({
  id,
  label,
  secret,
  held,
  onSecret,
  hint,
  refused,
}: {
  id: string;
  label: string;
  secret: ReadSecret | undefined;
  /** The server holds one in memory already. */
  held: boolean;
  onSecret: (secret: ReadSecret | undefined) => void;
  hint: string;
  refused?: string | undefined;
}) {
  const [over, setOver] = useState(false);
  const [tooLarge, setTooLarge] = useState(false);
  const [replacing, setReplacing] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);

  const take = (text: string, from: string) => {
    setTooLarge(text.length > mostBytes);
    if (text.trim() === "" || text.length > mostBytes) return;
    setReplacing(false);
    onSecret({ text, from });
  };
  const readFile = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > mostBytes) return setTooLarge(true);
    take(await textOf(file), file.name);
  };
  const replace = () => {
    setReplacing(true);
    onSecret(undefined);
  };

  const read = secret ? guards(secret.text) : undefined;
  const hidden = read !== undefined || (held && !replacing);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is one of three ways; the others are controls. */}
      <div
        className="key-box"
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void readFile(event.dataTransfer.files[0]);
        }}
      >
        {hidden ? (
          <>
            <div className="key-read">
              {read?.first || "-----BEGIN PRIVATE KEY-----"}
              <Bars />
              {read?.last || "-----END PRIVATE KEY-----"}
            </div>
            <div className="key-foot">
              <span>
                {read
                  ? `${secret?.from}, ${plural(read.lines, "line")}, in memory only`
                  : "held in the server’s memory only"}
              </span>
              <button type="button" id={id} className="btn btn-plain btn-inline" onClick={replace}>
                Replace
              </button>
            </div>
          </>
        ) : (
          <textarea
            id={id}
            name={id}
            rows={7}
            spellCheck={false}
            autoComplete="off"
            placeholder={over ? "Let go to read it" : "Paste the key here, or drop its file"}
            aria-describedby={`${id}-note`}
            aria-invalid={refused ? true : undefined}
            onPaste={(event) => {
              event.preventDefault();
              take(event.clipboardData.getData("text"), "pasted");
            }}
            onChange={(event) => event.target.value.includes("-----END") && take(event.target.value, "typed")}
            onBlur={(event) => take(event.target.value, "typed")}
          />
        )}
      </div>
      <p className="hint" id={`${id}-note`}>
        {tooLarge ? (
          <span className="refused">That is larger than 64 kB, so it is no private key.</span>
        ) : refused ? (
          <span className="refused">{refused}</span>
        ) : (
          <>
            Paste it, drop the file here, or{" "}
            <button type="button" className="as-link" onClick={() => chooser.current?.click()}>
              choose the file
            </button>
            . {hint}
          </>
        )}
      </p>
      <input
        ref={chooser}
        type="file"
        className="vh"
        tabIndex={-1}
        aria-label={`File of the ${label.toLowerCase()}`}
        onChange={(event) => void readFile(event.target.files?.[0])}
      />
    </div>
  );
}
