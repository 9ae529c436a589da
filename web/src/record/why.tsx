/** Why something was refused: said at once, and explained to whoever asks. */
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { type Problem, Refused } from "../api/http";
import { languageNow } from "../i18n";
import { problemTitle } from "../i18n/names";

export type Reason = Pick<Problem, "type" | "title" | "status" | "detail">;

/** What would have to be true, by the last part of the problem's type: needed only when somebody asks. */
async function neededFor(reason: Reason): Promise<string | undefined> {
  const sentences = await (languageNow() === "en"
    ? import("../i18n/needed.en.json")
    : import("../i18n/needed.zh-CN.json"));
  return (sentences.default as Record<string, string>)[reason.type.split("/").pop() ?? ""];
}

export function useRefusal() {
  const { t } = useTranslation();
  const { modal, notification } = App.useApp();

  const explain = async (action: string, reason: Reason) => {
    const needed = await neededFor(reason);
    modal.info({
      title: t("why.title", { action }),
      className: "why",
      okText: t("record.close"),
      content: (
        <>
          <dl>
            <dt>{t("why.rule")}</dt>
            <dd>{problemTitle(reason)}</dd>
            {reason.detail && (
              <>
                <dt>{t("why.here")}</dt>
                <dd>{reason.detail}</dd>
              </>
            )}
            <dt>{t("why.needed")}</dt>
            <dd>{needed ?? t(reason.status === 403 ? "why.right" : "why.other")}</dd>
          </dl>
          <a href={reason.type} target="_blank" rel="noreferrer">
            {t("why.page")}
          </a>
        </>
      ),
    });
  };
  /** Beside the screen, with the way to the explanation; whatever went wrong otherwise is not ours. */
  const show = (error: unknown, action = "", more?: string) => {
    if (!(error instanceof Refused)) throw error;
    const { problem } = error;
    const key = `refused-${problem.type}`;
    const ask = () => {
      notification.destroy(key);
      explain(action, problem);
    };
    notification.error({
      key,
      title: problemTitle(problem),
      description: [detailOf(problem), more].filter(Boolean).join(" · "),
      ...(action && problem.status
        ? {
            actions: (
              <Button size="small" onClick={ask}>
                {t("why.ask")}
              </Button>
            ),
          }
        : {}),
    });
  };
  return { explain, show };
}

const detailOf = ({ detail, errors }: Problem): string =>
  [detail, ...(errors ?? []).map((fault) => fault.detail)].filter(Boolean).join(" · ");

/** In one line: the rule, and what is the matter here. */
export function saidOfRefusal({ problem }: Refused): string {
  return [problemTitle(problem), detailOf(problem)].filter(Boolean).join(" · ");
}
