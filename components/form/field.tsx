import type { HTMLInputAutoCompleteAttribute, ReactNode } from "react";
import type { FieldIssue } from "../ui/answer.ts";

export interface FieldProps {
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  onBlur?: () => void;
  issues?: readonly FieldIssue[] | undefined;
  hint?: ReactNode;
  type?: "text" | "email" | "tel" | "password";
  placeholder?: string;
  autoComplete?: HTMLInputAutoCompleteAttribute;
  inputMode?: "text" | "numeric" | "email" | "tel";
}

/** One line to write on, its hint, and the sentence of a refusal in the hint's place, so that nothing moves. */
export function Field(props: FieldProps) {
  const {
    name,
    label,
    value,
    onValue,
    onBlur,
    issues,
    hint,
    type = "text",
    placeholder,
    autoComplete,
    inputMode,
  } = props;
  const refused = issues?.find((issue) => issue.path === name);
  const noteId = `${name}-note`;
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <input
        className="input"
        id={name}
        name={name}
        type={type}
        value={value}
        placeholder={placeholder}
        inputMode={inputMode}
        autoComplete={autoComplete ?? "off"}
        spellCheck={false}
        aria-describedby={noteId}
        aria-invalid={refused ? true : undefined}
        onChange={(event) => onValue(event.target.value)}
        onBlur={onBlur}
      />
      <p className="hint" id={noteId}>
        {refused ? <span className="refused">{refused.says}</span> : hint}
      </p>
    </div>
  );
}
