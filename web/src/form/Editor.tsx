/** What a field is edited with: by its kind, its values, and whom it names. */
import { Checkbox, Input, Select } from "antd";
import type { Field } from "../api/shapes";
import { codesOf } from "../i18n/names";
import type { Noun } from "../noun/noun";
import { Remote } from "./Remote";

type Props = {
  noun: Noun;
  field: Field;
  words?: Record<string, string> | undefined;
  /** How the present value reads, where it is a number of somebody. */
  said?: string | undefined;
  id?: string;
  value?: unknown;
  onChange?: (value: unknown) => void;
  isFirst?: boolean;
  label?: string;
};

const REMOTE = { customer_no: "/customers", campaign_id: "/campaigns" } as const;

export function Editor({ noun, field, words, said, id, value, onChange, isFirst = false, label }: Props) {
  const remote = noun.people?.[field.name] ?? REMOTE[field.name as keyof typeof REMOTE];
  const common = { ...(id ? { id } : {}), ...(label ? { "aria-label": label } : {}), autoFocus: isFirst };
  const say = (event: { target: { value: string } }) => onChange?.(event.target.value);
  if (remote)
    return (
      <Remote
        path={remote}
        value={value}
        said={said}
        isEmpty={Boolean(field.empty)}
        {...common}
        {...(onChange ? { onChange } : {})}
      />
    );
  const codes = codesOf(noun.name, field.name);
  const known = words ?? codes;
  if (field.kind !== "many" && (field.options || known)) {
    const values = field.options ?? Object.keys(known ?? {});
    return (
      <Select
        {...common}
        value={(value as string | number | null) ?? null}
        onChange={(chosen) => onChange?.(chosen ?? (field.empty ? null : undefined))}
        allowClear={!field.required}
        showSearch={{ optionFilterProp: "label" }}
        options={values.map((one) => ({ value: one, label: known?.[`${one}`] ?? `${one}` }))}
      />
    );
  }
  const text = (value as string | number | null | undefined) ?? "";
  switch (field.kind) {
    case "many":
      return (
        <Select
          {...common}
          mode="tags"
          value={(value as string[]) ?? []}
          onChange={(chosen) => onChange?.(chosen)}
          options={Object.entries(known ?? {}).map(([one, text]) => ({ value: one, label: text }))}
        />
      );
    case "flag":
      return <Checkbox {...common} checked={Boolean(value)} onChange={(event) => onChange?.(event.target.checked)} />;
    case "date":
      return <Input {...common} type="date" value={text} onChange={say} />;
    case "moment":
      return (
        <Input
          {...common}
          type="datetime-local"
          value={localOf(text)}
          onChange={(event) => onChange?.(event.target.value ? new Date(event.target.value).toISOString() : "")}
        />
      );
    case "integer":
      return <Input {...common} inputMode="numeric" value={text} onChange={say} />;
    case "money":
      return <Input {...common} inputMode="decimal" value={text} onChange={say} />;
    case "password":
      return <Input.Password {...common} autoComplete="new-password" value={text} onChange={say} />;
    case "long":
      return (
        <Input.TextArea
          {...common}
          autoSize={{ minRows: 2, maxRows: 10 }}
          maxLength={field.maxLength}
          value={text}
          onChange={say}
        />
      );
    default:
      return <Input {...common} maxLength={field.maxLength} value={text} onChange={say} />;
  }
}

/** A moment in the reader's own time, as the browser's field wants it. */
function localOf(moment: string | number): string {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What is sent: numbers as numbers, nothing as nothing; undefined when it need not be said. */
export function sent(field: Field, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (value === "" || value === null)
    return field.empty ? null : field.kind === "text" || field.kind === "long" ? "" : undefined;
  if (field.kind === "integer" && typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  return value;
}
