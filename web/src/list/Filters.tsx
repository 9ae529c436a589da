/** Filters as chips that one can read aloud, and what adds another one. */
import { CloseOutlined, FilterOutlined } from "@ant-design/icons";
import { Button, Input, Popover, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listShape } from "../api/shapes";
import type { View } from "../app/search";
import { codesOf, fieldName } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import type { Noun } from "../noun/noun";
import { filtersOf } from "./view";

type Props = { noun: Noun; view: View; onChange: (change: View) => void };

export function Filters({ noun, view, onChange }: Props) {
  const { t } = useTranslation();
  const options = useOptions(noun);
  const set = filtersOf(noun, view);
  return (
    <fieldset className="filters" aria-label={t("list.filters")}>
      {set.map(([name, value]) => {
        const known = options(name);
        const said = value
          .split(",")
          .map((one) => known?.[one] ?? one)
          .join(t("list.or"));
        return (
          <span className="chip" key={name}>
            {fieldName(noun.name, name)}
            {t("list.is")}
            <b>{said}</b>
            <button
              type="button"
              aria-label={t("list.without", { field: fieldName(noun.name, name) })}
              onClick={() => onChange({ [name]: undefined })}
            >
              <CloseOutlined aria-hidden />
            </button>
          </span>
        );
      })}
      <Add noun={noun} taken={set.map(([name]) => name)} onChange={onChange} />
      {set.length > 1 && (
        <Button
          type="link"
          size="small"
          onClick={() => onChange(Object.fromEntries(set.map(([name]) => [name, undefined])))}
        >
          {t("list.clear")}
        </Button>
      )}
    </fieldset>
  );
}

/** What a filter can be set to: codes, dictionary values, yes and no; or anything. */
function useOptions(noun: Noun): (name: string) => Record<string, string> | undefined {
  const { t } = useTranslation();
  const words = useWords(noun);
  const { row } = listShape(noun.list);
  return (name) => {
    if (row[name] === "flag" || name === "overdue" || name === "idle" || name === "reminded" || name === "reversed")
      return { true: t("yes"), false: t("no") };
    return words(name) ?? codesOf(noun.name, name);
  };
}

function Add({ noun, taken, onChange }: { noun: Noun; taken: string[]; onChange: (change: View) => void }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState<string>();
  const { filters } = listShape(noun.list);
  // Numbers of people and units mean nothing to a reader; their names are filters, too.
  const free = filters.filter((one) => !taken.includes(one) && !/_id$|^customer_no$/.test(one));
  const done = (value: string) => {
    if (name && value) onChange({ [name]: value });
    setOpen(false);
    setName(undefined);
  };
  return (
    <Popover
      open={isOpen}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      destroyOnHidden
      content={
        <div className="adding">
          <Select
            aria-label={t("list.field")}
            placeholder={t("list.field")}
            showSearch={{ optionFilterProp: "label" }}
            value={name ?? null}
            onChange={setName}
            options={free.map((one) => ({ value: one, label: fieldName(noun.name, one) }))}
          />
          {name && <Wanted key={name} noun={noun} name={name} onDone={done} />}
        </div>
      }
    >
      <Button size="small" icon={<FilterOutlined aria-hidden />}>
        {t("list.filter")}
      </Button>
    </Popover>
  );
}

function Wanted({ noun, name, onDone }: { noun: Noun; name: string; onDone: (value: string) => void }) {
  const { t } = useTranslation();
  const known = useOptions(noun)(name);
  const [several, setSeveral] = useState<string[]>([]);
  const [text, setText] = useState("");
  const isDay = /_(from|to)$/.test(name) || name === "from" || name === "to";
  const label = fieldName(noun.name, name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onDone(known ? several.join(",") : text.trim());
      }}
    >
      {known ? (
        <Select
          mode="multiple"
          aria-label={label}
          value={several}
          onChange={setSeveral}
          options={Object.entries(known).map(([value, text]) => ({ value, label: text }))}
        />
      ) : (
        <Input
          aria-label={label}
          type={isDay ? "date" : "text"}
          value={text}
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <Button htmlType="submit" type="primary">
        {t("list.apply")}
      </Button>
    </form>
  );
}
