/** Two versions of an event's data side by side, field by field. */
import { useTranslation } from "react-i18next";
import { type Data, differences } from "./json";

export function Differences({ before, after }: { before: Data; after: Data }) {
  const { t } = useTranslation();
  const all = differences(before, after);
  const number = all.filter(({ kind }) => kind !== "same").length;
  return (
    <section className="differences" aria-label={t("bus.editing.compare")}>
      <h3>
        {t("bus.editing.compare")}{" "}
        <span className="muted" role="status">
          {number === 0 ? t("bus.editing.same") : t("bus.editing.differ", { count: number })}
        </span>
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <div className="sheet" tabIndex={0}>
        <table className="versions">
          <thead>
            <tr>
              {["field", "original", "edited"].map((name) => (
                <th key={name}>{t(`bus.editing.${name}`)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map(({ name, before, after, kind }) => (
              <tr key={name} className={kind}>
                <th scope="row">{name}</th>
                <td>{kind === "added" ? <span className="muted">–</span> : <Said value={before} mark={kind} />}</td>
                <td>{kind === "gone" ? <span className="muted">–</span> : <Said value={after} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Said({ value, mark }: { value: unknown; mark?: string }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return mark === "changed" || mark === "gone" ? <del>{text}</del> : <span>{text}</span>;
}
