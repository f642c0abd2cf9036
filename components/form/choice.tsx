import type { ReactNode } from "react";

export interface Option<Value extends string> {
  value: Value;
  title: ReactNode;
  /** A host, a path, a version: data at the right. */
  data?: ReactNode;
  /** What it means to choose this. */
  says?: ReactNode;
}

/** A ruled list of which one is chosen. Real radio buttons, so there are no keys to learn. */
export function Choice<Value extends string>({
  legend,
  name,
  value,
  options,
  onValue,
}: {
  legend: string;
  name: string;
  value: Value;
  options: readonly Option<Value>[];
  onValue: (value: Value) => void;
}) {
  return (
    <fieldset>
      <legend className="legend pb-2">{legend}</legend>
      <div className="choice">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onValue(option.value)}
            />
            <b>{option.title}</b>
            {option.data !== undefined && <span className="host">{option.data}</span>}
            {option.says !== undefined && <small>{option.says}</small>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A thing that the person allows or agrees to: a real checkbox with its consequence beneath it. */
export function Agree({
  name,
  checked,
  onChecked,
  title,
  says,
}: {
  name: string;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  title: ReactNode;
  says?: ReactNode;
}) {
  return (
    <label>
      <input type="checkbox" name={name} checked={checked} onChange={(event) => onChecked(event.target.checked)} />
      <b>{title}</b>
      {says !== undefined && <small>{says}</small>}
    </label>
  );
}
