/** The record that an event is about, with the way to it where it has a screen. */
import { RecordLink } from "../app/links";
import { screenOf } from "./records";

export function Subject({ kind, id }: { kind: string; id: string }) {
  const noun = screenOf(kind);
  if (!noun) return <span className="muted">{id}</span>;
  return (
    <RecordLink noun={noun} id={id}>
      {id}
    </RecordLink>
  );
}
