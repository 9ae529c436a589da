/** What a screen shows instead of its content: loading, failed, no right, nothing there. */
import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { problemTitle } from "../i18n/names";
import type { Noun } from "../noun/noun";

export function Loading() {
  const { t } = useTranslation();
  return (
    <div className="state" role="status" aria-label={t("loading")}>
      <Skeleton active title={false} paragraph={{ rows: 8 }} />
    </div>
  );
}

export function State({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state middle">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function NoRight() {
  const { t } = useTranslation();
  return (
    <State title={t("failed.noRight")}>
      <p>{t("failed.noRightMore")}</p>
    </State>
  );
}

export function Failed({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  if (!(error instanceof Refused)) return <State title={t("failed.title")}>{error.message}</State>;
  if (error.status === 403) return <NoRight />;
  return (
    <State title={error.status === 0 ? t("failed.offline") : problemTitle(error.problem)}>
      {error.problem.detail && <p className="muted">{error.problem.detail}</p>}
      {error.status !== 404 && onRetry && <Button onClick={() => onRetry()}>{t("failed.again")}</Button>}
    </State>
  );
}

export function Nothing({ noun, isFiltered, onClear }: { noun: Noun; isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation();
  if (isFiltered)
    return (
      <State title={t("empty.filtered")}>
        <Button onClick={onClear}>{t("list.clear")}</Button>
      </State>
    );
  return (
    <State title={t("empty.title", { nouns: t(`nouns.${noun.name}.many`) })}>
      <p className="muted">{t("empty.more")}</p>
    </State>
  );
}
