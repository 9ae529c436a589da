/** A figure, and the way to the records that it counts. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import { RecordLink } from "../app/links";
import { parseSearch } from "../app/search";
import { findNoun } from "../noun/nouns";
import type { Said } from "./answer";
import { figureSaid } from "./say";

/** `/api/reports/sales/drill?figure=won`, or `/api/reports/sales?by=status`, as an address of ours. */
export function ReportLink({ to, children, label }: { to: string; children: ReactNode; label?: string }) {
  const [path = "", search = ""] = to.replace("/api", "").split("?");
  return (
    <Link to={path as "/"} search={parseSearch(search) as never} {...(label ? { "aria-label": label } : {})}>
      {children}
    </Link>
  );
}

/** What counts nothing leads nowhere. */
export function Figure({ said, kind, label }: { said: Said; kind: string; label?: string | undefined }) {
  const text = figureSaid(kind, said);
  if (!said.to || said.value === null || Number(said.value) === 0) return text;
  return (
    <ReportLink to={said.to} {...(label ? { label: `${label}: ${text}` } : {})}>
      {text}
    </ReportLink>
  );
}

/** To a record, for those who may see it. */
export function Way({ to, children }: { to: string | null | undefined; children: ReactNode }) {
  const may = useMay();
  const [, name = "", id = ""] = (to ?? "").split("/");
  const noun = findNoun(name);
  if (!noun || !may(listShape(noun.list).needs)) return children;
  return (
    <RecordLink noun={name} id={id}>
      {children}
    </RecordLink>
  );
}
