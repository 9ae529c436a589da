/** What became of each record: counted, with the reasons of what was not done, and as a file. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { RecordLink } from "../../app/links";
import { asNumber } from "../../i18n/format";
import type { Noun } from "../../noun/noun";
import type { Outcome, Result } from "./run";
import { download, sheetOf } from "./sheet";

const OUTCOMES: Outcome[] = ["done", "refused", "unknown", "stopped"];
const SHOWN = 100;

export function Results({ noun, name, results }: { noun: Noun; name: string; results: Result[] }) {
  const { t } = useTranslation();
  const failed = results.filter(({ outcome }) => outcome !== "done");
  const save = () =>
    download(
      `${noun.name}-${t("bulk.result")}.csv`,
      sheetOf([
        [t("bulk.number"), t("bulk.name"), t("bulk.outcome"), t("bulk.reason")],
        ...results.map(({ id, title, outcome, reason }) => [
          id.replaceAll("~", " "),
          title,
          t(`bulk.outcomes.${outcome}`),
          reason,
        ]),
      ]),
    );
  return (
    <>
      <p>
        {OUTCOMES.map((outcome) => {
          const count = results.filter((result) => result.outcome === outcome).length;
          return count > 0 || outcome === "done" ? (
            <span key={outcome} className="figure">
              {t(`bulk.outcomes.${outcome}`)} <b>{asNumber(count)}</b>
            </span>
          ) : null;
        })}
      </p>
      {failed.length > 0 && (
        <div className="results">
          <table className="versions" aria-label={t("bulk.failed")}>
            <thead>
              <tr>
                <th>{t("bulk.name")}</th>
                <th>{t("bulk.outcome")}</th>
                <th>{t("bulk.reason")}</th>
              </tr>
            </thead>
            <tbody>
              {failed.slice(0, SHOWN).map(({ id, title, outcome, reason }) => (
                <tr key={id}>
                  <td>
                    {noun.record ? (
                      <RecordLink noun={noun.name} id={id}>
                        {title}
                      </RecordLink>
                    ) : (
                      title
                    )}
                  </td>
                  <td>{t(`bulk.outcomes.${outcome}`)}</td>
                  <td>{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {failed.length > SHOWN && (
            <p className="muted">{t("bulk.more", { total: asNumber(failed.length - SHOWN) })}</p>
          )}
        </div>
      )}
      <p>
        <Button icon={<DownloadOutlined aria-hidden />} onClick={save}>
          {t("bulk.download", { action: name })}
        </Button>
      </p>
    </>
  );
}
