import { Fragment } from "react";

/** A sentence whose long names may break after a dot, a slash or an underscore, and nowhere else while that is enough: a number is no name. */
export function Breakable({ text }: { text: string }) {
  const parts = text.split(/(?<=[a-z0-9][_/]|[a-z]\.)(?=[a-z0-9])|(?<=\d\.)(?=[a-z])/i);
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no identity but their place.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
