/** What the tab of a record's files says. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Noun } from "../noun/noun";
import { filesQuery } from "./attachments";

export function FilesLabel({ noun, id }: { noun: Noun; id: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(filesQuery(noun, id));
  return (
    <>
      {t("record.tabs.files")} {data?.length ? <span className="count">{data.length}</span> : null}
    </>
  );
}
