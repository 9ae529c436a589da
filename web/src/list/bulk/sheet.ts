/** A table as a CSV file that Excel opens as it is meant. */
export function sheetOf(lines: (string | number | null | undefined)[][]): string {
  return `\ufeff${lines.map((line) => line.map(cellOf).join(",")).join("\r\n")}\r\n`;
}

/** What begins like a formula is text: it came from people. */
function cellOf(value: string | number | null | undefined): string {
  const text = `${value ?? ""}`;
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function download(name: string, sheet: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([sheet], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
