/** One more filter: which field, and what it is to be. */
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { listShape } from "../api/shapes";
import type { View } from "../app/search";
import { fieldName } from "../i18n/names";
import type { Noun } from "../noun/noun";
import { useOptions } from "./options";

type Props = { noun: Noun; taken: string[]; onDone: (change: View) => void };

export default function AddFilter({ noun, taken, onDone }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState<string>();
  const { filters } = listShape(noun.list);
  // Numbers of people and units mean nothing to a reader; their names are filters, too.
  const free = filters.filter((one) => !taken.includes(one) && !/_id$|^customer_no$/.test(one));
  return (
    <div className="adding">
      <Select
        aria-label={t("list.field")}
        placeholder={t("list.field")}
        showSearch={{ optionFilterProp: "label" }}
        value={name ?? null}
        onChange={setName}
        options={free.map((one) => ({ value: one, label: fieldName(noun.name, one) }))}
      />
      {name && <Wanted key={name} noun={noun} name={name} onDone={(value) => onDone(value ? { [name]: value } : {})} />}
    </div>
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
