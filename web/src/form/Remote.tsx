/** One of many: what is typed is looked up by the server. */
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { type ListPath, listShape } from "../api/shapes";
import { roleName } from "../i18n/names";
import { rowsQuery } from "../list/rows";
import type { Row } from "../noun/noun";

type Props = {
  path: ListPath;
  id?: string;
  value?: unknown;
  onChange?: (value: unknown) => void;
  said?: string | undefined;
  label?: string;
  isEmpty?: boolean;
};

const keyOf = (path: ListPath, row: Row): string | number =>
  (path === "/roles" ? row.code : (row.user_id ?? (path === "/customers" ? row.customer_no : row.id))) as
    | string
    | number;
const textOf = (row: Row): string => roleName(`${row.full_name ?? row.name ?? row.title}`);

export function Remote({ path, id, value, onChange, said, label, isEmpty }: Props) {
  const [text, setText] = useState("");
  const q = useDeferredValue(text);
  const query = { size: 20, total: false, q: listShape(path).searches ? q || undefined : undefined };
  const { data, isFetching } = useQuery(rowsQuery(path, query));
  const options = (data?.items ?? []).map((row) => ({ value: keyOf(path, row), label: textOf(row) }));
  const present = value as string | number | null | undefined;
  if (present && said && !options.some((one) => one.value === present) && !q)
    options.unshift({ value: present, label: said });
  return (
    <Select
      {...(id ? { id } : {})}
      {...(label ? { "aria-label": label } : {})}
      value={present ?? null}
      onChange={(chosen) => onChange?.(chosen ?? null)}
      showSearch={{ filterOption: false, onSearch: setText }}
      allowClear={Boolean(isEmpty)}
      loading={isFetching}
      options={options}
      notFoundContent={null}
    />
  );
}
