/** The files of a record: where they are, and how one is sent with its progress. */
import { queryOptions } from "@tanstack/react-query";
import { addressOf, ask, newKey, type Problem, Refused, sessionHasEnded } from "../api/http";
import { noteSaid, SAID } from "../arrival/said";
import { filled, type Noun } from "../noun/noun";

export type Attachment = {
  id: number;
  name: string;
  content_type: string;
  size_bytes: number;
  added_by_name: string;
  added_at: string;
};

export const filesPath = (noun: Noun, id: string) => `${filled(noun.record!, id)}/attachments`;

export function filesQuery(noun: Noun, id: string) {
  const path = filesPath(noun, id);
  return queryOptions({
    queryKey: ["files", path],
    queryFn: async ({ signal }) => (await ask<{ items: Attachment[] }>("GET", path, { signal })).data.items,
    staleTime: 10_000,
  });
}

/** Not by `fetch`, which does not say how much of a file is on its way. */
export function upload(path: string, file: File, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", addressOf(path));
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", newKey());
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Refused({ type: "/problems/no-connection", title: "No connection", status: 0 }));
    request.onload = () => {
      if (request.status < 300) {
        noteSaid(request.getResponseHeader(SAID));
        return resolve();
      }
      if (request.status === 401) sessionHasEnded();
      reject(new Refused(problemOf(request)));
    };
    const form = new FormData();
    form.set("file", file);
    request.send(form);
  });
}

function problemOf({ responseText, statusText, status }: XMLHttpRequest): Problem {
  try {
    return JSON.parse(responseText);
  } catch {
    return { type: "/problems/unknown", title: statusText, status };
  }
}
