/** One call per record, a few at a time, each with its own outcome: nothing is lost in silence. */
import { ask, newKey, Refused } from "../../api/http";
import { problemTitle } from "../../i18n/names";
import { filled, idOf, type Noun, type Row } from "../../noun/noun";

/** Unknown: no answer came, so it may have been done. */
export type Outcome = "done" | "refused" | "unknown" | "stopped";
export type Result = { id: string; title: string; outcome: Outcome; reason: string };
type Told = Pick<Result, "outcome" | "reason">;
type Work = (row: Row) => Promise<Told>;

const PARALLEL = 4;
const TRIES = 4;

type Watch = { isStopped: () => boolean; onResult: (result: Result) => void };

export async function runAll(noun: Noun, rows: Row[], work: Work, { isStopped, onResult }: Watch): Promise<void> {
  const waiting = [...rows];
  const one = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift()) {
      const told = isStopped() ? { outcome: "stopped" as const, reason: "" } : await work(row);
      onResult({ id: idOf(noun, row), title: `${row[noun.title] ?? idOf(noun, row)}`, ...told });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, one));
}

/** The call for one record. Tried again, with the same key, when nothing answers or the door is crowded. */
export function workOf(noun: Noun, call: string, bodyOf: (row: Row) => Row | undefined, pause = wait): Work {
  const [method = "POST", path = ""] = call.split(" ");
  return async (row) => {
    const body = bodyOf(row);
    const key = newKey();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const etag = method === "POST" ? undefined : await etagOf(noun, row);
        await ask(method, filled(path, idOf(noun, row)), {
          ...(body ? { body } : {}),
          ...(etag ? { etag } : {}),
          key,
        });
        return { outcome: "done", reason: "" };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const isPassing = error.status === 0 || error.status === 429 || error.status === 503;
        // A change that was made by the try before would now be stale: POST alone is told apart by its key.
        const mayRepeat = error.status !== 0 || method === "POST";
        if (!isPassing || !mayRepeat || attempt >= TRIES)
          return { outcome: error.status === 0 ? "unknown" : "refused", reason: reasonOf(error) };
        await pause(attempt);
      }
    }
  };
}

async function etagOf(noun: Noun, row: Row): Promise<string> {
  if (row.version !== undefined) return `"${row.version}"`;
  return (await ask<Row>("GET", filled(noun.record!, idOf(noun, row)))).etag;
}

function reasonOf({ problem }: Refused): string {
  const faults = problem.errors?.map((fault) => fault.detail) ?? [];
  return [problemTitle(problem), problem.detail, ...faults].filter(Boolean).join(" · ");
}

const wait = (attempt: number) => new Promise<void>((done) => setTimeout(done, 500 * 2 ** attempt));
