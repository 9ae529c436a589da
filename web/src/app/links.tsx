/** Ways to the list of a noun and to one record. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

type Given = { noun: string; children: ReactNode; className?: string; label?: string };

const said = ({ className, label }: Given) => ({
  ...(className ? { className } : {}),
  ...(label ? { "aria-label": label, title: label } : {}),
});

export function ListLink({ search = {}, ...given }: Given & { search?: Record<string, string | undefined> }) {
  return (
    <Link to="/$noun" params={{ noun: given.noun }} search={search} {...said(given)}>
      {given.children}
    </Link>
  );
}

export function RecordLink({ id, ...given }: Given & { id: string }) {
  return (
    <Link to="/$noun/$id" params={{ noun: given.noun, id }} {...said(given)}>
      {given.children}
    </Link>
  );
}
